// The plan: everything that decides what will run, as data. Its digest is what people approve and what a grant is bound to.

import { RunbookId, TargetId } from "@fluxcybers/core"
import { Schema } from "effect"

/** What a command may do to its target, from harmless to not knowable. */
export const Access = Schema.Literals(["read", "write", "destroy", "privilege", "exfiltrate", "unknown"])
export type Access = typeof Access.Type

const PINNED_HOST = {
  id: TargetId,
  name: Schema.String,
  host: Schema.String,
  port: Schema.Int,
  account: Schema.String,
  /** `SHA256:…` as OpenSSH prints it; or that of an authority, behind `cert-authority:`. */
  hostKey: Schema.String,
  /** Fingerprints that are never accepted, in order; absent when there are none. */
  revokedKeys: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Name of the secret that signs in there. */
  credential: Schema.String,
  /** Name of the secret that opens the private key; absent when the key is not encrypted. */
  passphrase: Schema.optionalKey(Schema.String)
}

/** A host on the way to a target, as it was when the plan was made. */
export const PinnedJump = Schema.Struct(PINNED_HOST)
export type PinnedJump = typeof PinnedJump.Type

/** A target as it was when the plan was made; a run against anything else is refused. */
export const PinnedTarget = Schema.Struct({
  ...PINNED_HOST,
  /** The hosts on the way there, the one that the server connects to first; absent when there are none. */
  jumps: Schema.optionalKey(Schema.Array(PinnedJump)),
  /** The selector of tags that found it (`tag:web`); a run on it is refused once it has lost one of them. Absent when it was named. */
  selectedBy: Schema.optionalKey(Schema.String)
})
export type PinnedTarget = typeof PinnedTarget.Type

/** Permissions of a file in octal, as chmod(1) takes them: `0644`. No setuid, setgid or sticky bit. */
export const FileMode = Schema.String.check(
  Schema.isPattern(/^0[0-7]{3}$/, { expected: "permissions as four octal digits from 0000 to 0777, such as 0644" })
)

/**
 * An argument vector, run without a shell of ours interpreting it; a script for `/bin/sh`; a file that is put on the target, its content
 * being what `stdinDigest` names; or a file that is fetched from it.
 */
export const PlanCommand = Schema.Union([
  Schema.TaggedStruct("Argv", { argv: Schema.NonEmptyArray(Schema.String) }),
  Schema.TaggedStruct("Script", { script: Schema.String }),
  Schema.TaggedStruct("Upload", {
    path: Schema.String,
    mode: FileMode,
    /** Of the content as it was proposed. */
    bytes: Schema.Int,
    /** Placeholders in the content, and the names of the secrets that take their place when it runs; absent when there are none. */
    fill: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
  }),
  /** A larger file is not fetched at all. */
  Schema.TaggedStruct("Download", { path: Schema.String, bytesMax: Schema.Int })
])
export type PlanCommand = typeof PlanCommand.Type

/** In which order, and how far, an execution goes over its targets, which are taken in the order of the plan. */
export const Rollout = Schema.Struct({
  /** Runs at the same time, at most; the dispatcher's setting unless told. */
  concurrency: Schema.optionalKey(Schema.Int),
  /** So many targets first; the others only once all of these have succeeded. */
  canary: Schema.optionalKey(Schema.Int),
  /** After the canary, so many targets at a time: a batch starts when the one before it has ended. */
  batch: Schema.optionalKey(Schema.Int),
  /** Once so many runs have ended without success, no further one starts. */
  stopAfter: Schema.optionalKey(Schema.Int)
})
export type Rollout = typeof Rollout.Type

/** How long a run may be out of reach: it goes on without the connection, and its result waits on the target. */
export const Recoverable = Schema.Struct({
  /** So long after the last word from the target somebody goes on asking it; after that, the outcome is unknown. */
  askMs: Schema.Int,
  /** So long after its end the target keeps output and exit status, unless they are fetched before. */
  keepMs: Schema.Int
})
export type Recoverable = typeof Recoverable.Type

/** A secret in the version that was current when the plan was made. */
export const PinnedSecret = Schema.Struct({ name: Schema.String, version: Schema.Int })
export type PinnedSecret = typeof PinnedSecret.Type

/** The runbook that a plan was made from, and what was filled in: text as it stands, whole numbers in decimal digits. */
export const PlanRunbook = Schema.Struct({
  id: RunbookId,
  name: Schema.String,
  version: Schema.Int,
  parameters: Schema.Record(Schema.String, Schema.String)
})
export type PlanRunbook = typeof PlanRunbook.Type

/** 128 random bits, in hex. */
export const PlanNonce = Schema.String.check(Schema.isPattern(/^[0-9a-f]{32}$/, { expected: "32 hexadecimal digits" }))

/**
 * What will run, completely. Canonical bytes, digest and limits: `docs/spec/plan.md`.
 */
export const Plan = Schema.Struct({
  v: Schema.Literal(1),
  /** Makes every digest unique: a decision fits one proposal only, and the digest of an erased plan gives nothing away. */
  nonce: PlanNonce,
  executor: Schema.String,
  executorVersion: Schema.String,
  targets: Schema.Array(PinnedTarget),
  /** Absent when nothing of it was told. */
  rollout: Schema.optionalKey(Rollout),
  command: PlanCommand,
  /** SHA-256 (hex) of the bytes given on standard input; absent when there are none. */
  stdinDigest: Schema.optionalKey(Schema.String),
  cwd: Schema.optionalKey(Schema.String),
  env: Schema.Record(Schema.String, Schema.String),
  /** Environment variables whose value is a secret: name of the variable to name of the secret. */
  secretEnv: Schema.Record(Schema.String, Schema.String),
  /** Every secret that the run may read, the targets' credentials among them. */
  secrets: Schema.Array(PinnedSecret),
  /** Where the run may connect to besides its targets: `api.example.com:443`, `[::1]:80`, `unix:/run/docker.sock`. Absent: nowhere else. */
  hosts: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Absent for what was not made from one. */
  runbook: Schema.optionalKey(PlanRunbook),
  timeoutMs: Schema.Int,
  outputBytesMax: Schema.Int,
  /** Absent when a run ends with its connection. */
  recoverable: Schema.optionalKey(Recoverable),
  access: Access,
  /** Advisory, outside the digest: what the plan does, in a sentence. */
  sentence: Schema.String
})
export type Plan = typeof Plan.Type
