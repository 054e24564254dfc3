// What a host and the process of a plugin say to each other: one JSON object a line. Neither trusts the other's lines.
import { RunId, SecretDenied } from "@fluxcybers/core"
import { Schema } from "effect"
import { ExecutorNeeds } from "../needs.ts"
import { Access, PinnedTarget, Plan, PlanCommand } from "../plan.ts"
import { RunFailure } from "../run-error.ts"

/** The longest line: a plan with the largest script and the largest standard input in base64, with room. */
export const LINE_BYTES_MAX = 4 * 1024 * 1024

const Bytes = Schema.Uint8ArrayFromBase64
const Texts = Schema.Record(Schema.String, Schema.String)

/** A draft as it crosses the line. */
const DraftMessage = Schema.Struct({
  command: PlanCommand,
  access: Schema.optionalKey(Access),
  sentence: Schema.String,
  cwd: Schema.optionalKey(Schema.String),
  env: Schema.optionalKey(Texts),
  secretEnv: Schema.optionalKey(Texts),
  secrets: Schema.optionalKey(Schema.Array(Schema.String)),
  hosts: Schema.optionalKey(Schema.Array(Schema.String)),
  stdin: Schema.optionalKey(Bytes),
  timeoutMs: Schema.optionalKey(Schema.Int),
  outputBytesMax: Schema.optionalKey(Schema.Int)
})

/** What an executor of a plugin says of itself. */
export const ExecutorFacts = Schema.Struct({
  id: Schema.String,
  version: Schema.String,
  sdk: Schema.optionalKey(Schema.String),
  summary: Schema.String,
  needsTarget: Schema.Boolean,
  needs: ExecutorNeeds,
  canCheck: Schema.Boolean
})
export type ExecutorFacts = typeof ExecutorFacts.Type

/** From the plugin. */
export const PluginMessage = Schema.Union([
  Schema.TaggedStruct("Ready", { executors: Schema.Array(ExecutorFacts) }),
  Schema.TaggedStruct("LoadFailed", { detail: Schema.String }),
  Schema.TaggedStruct("Planned", { draft: DraftMessage }),
  Schema.TaggedStruct("Refused", { detail: Schema.String }),
  Schema.TaggedStruct("Output", { stream: Schema.Literals(["stdout", "stderr", "file"]), bytes: Bytes }),
  Schema.TaggedStruct("Reveal", { request: Schema.Int, secret: Schema.String }),
  Schema.TaggedStruct("Succeeded", { isSuccess: Schema.Boolean, output: Schema.Unknown }),
  Schema.TaggedStruct("Failed", { reason: RunFailure }),
  Schema.TaggedStruct("Stopped", {}),
  /** It threw what is no failure of a run. The text is its author's to read, and may hold anything. */
  Schema.TaggedStruct("BrokeDown", { detail: Schema.String })
])
export type PluginMessage = typeof PluginMessage.Type

/** To the plugin. */
export const HostMessage = Schema.Union([
  Schema.TaggedStruct("Plan", { executor: Schema.String, input: Schema.Unknown }),
  Schema.TaggedStruct("Run", {
    executor: Schema.String,
    run: RunId,
    plan: Plan,
    target: Schema.optionalKey(PinnedTarget),
    stdin: Schema.optionalKey(Bytes)
  }),
  Schema.TaggedStruct("Check", { executor: Schema.String, target: Schema.optionalKey(PinnedTarget) }),
  Schema.TaggedStruct("Secret", { request: Schema.Int, value: Bytes }),
  Schema.TaggedStruct("SecretRefused", { request: Schema.Int, reason: SecretDenied }),
  Schema.TaggedStruct("Stop", {})
])
export type HostMessage = typeof HostMessage.Type

const PluginLine = Schema.fromJsonString(PluginMessage)
const HostLine = Schema.fromJsonString(HostMessage)

/** Reads a line of a plugin. Throws when it is none. */
export const readPluginLine = Schema.decodeSync(PluginLine)
export const writePluginLine = Schema.encodeSync(PluginLine)
/** Reads a line of a host. Throws when it is none. */
export const readHostLine = Schema.decodeSync(HostLine)
export const writeHostLine = Schema.encodeSync(HostLine)
