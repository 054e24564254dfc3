// What an embedder brings.
import type { Role } from "@fluxcybers/core"
import type { DatabaseChoice } from "@fluxcybers/core/facade"
import type { RuleSet } from "../rules.ts"
import type { ExecutorHandle } from "./define.ts"

/** A person of the organisation. */
export interface MemberInput {
  /** `person_…`, from `newPerson()`. */
  readonly person: string
  readonly roles: ReadonlyArray<Role>
}

/** Where everything is kept, and everything that decides what may run. */
export type GateOptions = GateParts & DatabaseChoice

interface GateParts {
  /** 32 random bytes that seal plans and transcripts and sign the log. Keep them: without them nothing in the database opens. */
  readonly key: Uint8Array
  /** From `defineExecutor`, or `localExecutor`. */
  readonly executors: ReadonlyArray<ExecutorHandle>
  /** A folder whose plugins are loaded as well, each into processes of its own. One that cannot be used rejects `createGate` with `PluginRefused`. */
  readonly plugins?: string
  /** Also runs commands on targets over SSH, as executor `ssh`. Needs `ssh2`. */
  readonly ssh?: boolean
  /** The people who may decide, with their roles: a list, or where to look each time. */
  readonly members: ReadonlyArray<MemberInput> | (() => Promise<ReadonlyArray<MemberInput>>)
  /** Gives the value of a secret by its name, or `undefined`. A value that changed since the approval is not used. */
  readonly secrets?: (name: string) => Promise<string | Uint8Array | undefined>
  /** Who must agree; the rule sets *solo* and *team* unless told. */
  readonly rules?: RuleSet
  /** Names this process among several on one database; `gate` unless told. */
  readonly node?: string
  /** `org_…`; left out by whoever has only one. */
  readonly organisation?: string
  /** The log's name in its checkpoints; `localhost/gate` unless told. */
  readonly logName?: string
}
