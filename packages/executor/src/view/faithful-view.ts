// The faithful view: everything that an approver is shown, as data. The command line, the console, mail and MCP render it and add
// nothing to what it says of the plan. Format and promises: docs/spec/faithful-view.md.
import { ExecutionId, RunbookId, TargetId } from "@fluxcybers/core"
import { Schema } from "effect"
import { Access, FileMode, PlanNonce, Recoverable, Rollout } from "../plan.ts"
import { Mark, ShownLines, ShownText } from "./shown-text.ts"

/** One judged piece of the command. The pieces inside it follow it, one deeper. */
export const ShownPart = Schema.Struct({
  /** UTF-16 offsets, half-open, into the script or into the arguments joined by single spaces. */
  range: Schema.Tuple([Schema.Int, Schema.Int]),
  class: Access,
  why: ShownText,
  depth: Schema.Int
})

const SHOWN_HOST = {
  id: TargetId,
  name: ShownText,
  host: ShownText,
  port: Schema.Int,
  account: ShownText,
  hostKey: ShownText,
  revokedKeys: Schema.optionalKey(Schema.Array(ShownText)),
  credential: ShownText,
  passphrase: Schema.optionalKey(ShownText)
}

const ShownTarget = Schema.Struct({
  ...SHOWN_HOST,
  /** The hosts on the way there, the first one first. */
  jumps: Schema.optionalKey(Schema.Array(Schema.Struct(SHOWN_HOST))),
  selectedBy: Schema.optionalKey(ShownText)
})

const ShownCommand = Schema.Union([
  Schema.TaggedStruct("Argv", { words: Schema.Array(ShownText) }),
  Schema.TaggedStruct("Script", { script: ShownLines }),
  Schema.TaggedStruct("Upload", {
    path: ShownText,
    mode: FileMode,
    bytes: Schema.Int,
    /** Which secret takes the place of which text in the content. */
    fill: Schema.optionalKey(Schema.Array(Schema.Struct({ placeholder: ShownText, secret: ShownText })))
  }),
  Schema.TaggedStruct("Download", { path: ShownText, bytesMax: Schema.Int })
])

const ShownVariable = Schema.Struct({
  name: ShownText,
  value: Schema.Union([
    Schema.TaggedStruct("Plain", { text: ShownText }),
    Schema.TaggedStruct("Secret", { name: ShownText })
  ])
})

/** Where a secret goes: into a variable, to the target as what signs in there, or to the executor, which names no place. */
const SecretUse = Schema.Union([
  Schema.TaggedStruct("Variable", { name: ShownText }),
  Schema.TaggedStruct("SignIn", { target: ShownText }),
  Schema.TaggedStruct("Passphrase", { target: ShownText }),
  Schema.TaggedStruct("File", { placeholder: ShownText }),
  Schema.TaggedStruct("Executor", {})
])

const ShownSecret = Schema.Struct({ name: ShownText, version: Schema.Int, uses: Schema.Array(SecretUse) })

/** The runbook that the plan was made from, with what was filled in, in order of the names. */
const ShownRunbook = Schema.Struct({
  id: RunbookId,
  name: ShownText,
  version: Schema.Int,
  parameters: Schema.Array(Schema.Struct({ name: ShownText, value: ShownText }))
})

/** One step from the lines (or arguments) of the last approved plan to those of this one. */
export const LineChange = Schema.Union([
  Schema.TaggedStruct("Same", { count: Schema.Int }),
  Schema.TaggedStruct("Removed", { text: ShownText }),
  Schema.TaggedStruct("Added", { text: ShownText })
])

/** What differs. `field` names it: `cwd`, `env.LANG`, `target.web-1.host`; `script`, `arguments` and `stdin` line by line. */
export const PlanChange = Schema.Union([
  Schema.TaggedStruct("Value", {
    field: ShownText,
    before: Schema.optionalKey(ShownText),
    after: Schema.optionalKey(ShownText)
  }),
  Schema.TaggedStruct("Lines", {
    field: Schema.Literals(["script", "arguments", "stdin"]),
    changes: Schema.Array(LineChange)
  })
])
export type PlanChange = typeof PlanChange.Type

/**
 * `First`: no plan of this executor for these targets was approved among the last ones that ran there; of a runbook, no use of it was
 * approved before.
 */
export const PlanDifference = Schema.Union([
  Schema.TaggedStruct("First", {}),
  Schema.TaggedStruct("Since", {
    execution: ExecutionId,
    proposedAt: Schema.String,
    changes: Schema.Array(PlanChange)
  })
])
export type PlanDifference = typeof PlanDifference.Type

/** Something in the texts that deceives readers. */
const Deception = Schema.Struct({
  kind: Schema.Union([Mark, Schema.Literals(["mixed-scripts", "long-line"])]),
  count: Schema.Int,
  /** Where the first one is: `script, line 3`. */
  where: ShownText
})

/**
 * A plan as it is shown to whoever decides. It is complete: `readView` makes the plan of it again, and `viewDigest` the digest.
 * Every text in it is printable ASCII.
 */
export const FaithfulView = Schema.Struct({
  v: Schema.Literal(1),
  /** SHA-256 (hex) of the plan's canonical bytes. */
  digest: Schema.String,
  nonce: PlanNonce,
  executor: ShownText,
  executorVersion: ShownText,
  targets: Schema.Array(ShownTarget),
  rollout: Schema.optionalKey(Rollout),
  command: ShownCommand,
  /** Size of the script, of the arguments together, or of a file's path, in bytes. */
  commandBytes: Schema.Int,
  /** What the command would do, piece by piece; none where the executor runs no command line. */
  parts: Schema.Array(ShownPart),
  access: Access,
  why: ShownText,
  cwd: Schema.optionalKey(ShownText),
  environment: Schema.Array(ShownVariable),
  secrets: Schema.Array(ShownSecret),
  /** Where it may connect to besides its targets. */
  hosts: Schema.optionalKey(Schema.Array(ShownText)),
  /** Also the content of a file that is put on a target: only what is text of at most 256 KiB is shown, of anything else the digest. */
  stdin: Schema.optionalKey(
    Schema.Struct({ digest: Schema.String, bytes: Schema.Int, content: Schema.optionalKey(ShownLines) })
  ),
  runbook: Schema.optionalKey(ShownRunbook),
  timeoutMs: Schema.Int,
  outputBytesMax: Schema.Int,
  recoverable: Schema.optionalKey(Recoverable),
  /** Advice, outside the digest. */
  sentence: ShownText,
  deceptions: Schema.Array(Deception),
  /** What the escapes stand for, each once. */
  legend: Schema.Array(Schema.Struct({ escape: Schema.String, meaning: Schema.String })),
  difference: PlanDifference
}).annotate({ identifier: "FaithfulView" })
export type FaithfulView = typeof FaithfulView.Type
