// Flags and arguments that several commands share.
import type { ApprovalKeyId, BoundedGrantId, ExecutionId, PersonId, TokenId } from "@fluxcybers/core"
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { parseBytes, parseDurationMs } from "./quantity.ts"

/** core's own schemas say the same; loading core costs more than everything else that a command line needs to be parsed. */
const idPattern = (prefix: string) => new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`)

const EXECUTION = idPattern("exec")

/** For an argument that may be something else too. */
export const isExecutionId = (text: string): text is ExecutionId => EXECUTION.test(text)

export const idArgument = (prefix: string, description: string) => {
  const pattern = idPattern(prefix)
  return Argument.String("id").pipe(
    Argument.withDescription(description),
    Argument.filter(
      (text) => pattern.test(text),
      () => `Expected an id like ${prefix}_${"0".repeat(26)}`
    )
  )
}

/** The pattern has been checked: the text is an id of that kind. */
export const executionArgument = idArgument("exec", "The execution's id").pipe(Argument.map((id) => id as ExecutionId))
export const tokenArgument = idArgument("token", "The token's id, from: fluxcybers token list").pipe(
  Argument.map((id) => id as TokenId)
)
export const personArgument = idArgument("person", "The member's id, from: fluxcybers member list").pipe(
  Argument.map((id) => id as PersonId)
)
export const approvalKeyArgument = idArgument("approvalkey", "The key's id, from: fluxcybers approver-key list").pipe(
  Argument.map((id) => id as ApprovalKeyId)
)
export const grantArgument = idArgument("bound", "The grant's id, from: fluxcybers grant list").pipe(
  Argument.map((id) => id as BoundedGrantId)
)
export const auditEntryArgument = idArgument("audit", "The entry's id, from: fluxcybers audit list")

export const targetArgument = Argument.String("target").pipe(Argument.withDescription("The target's name or id"))
export const secretArgument = Argument.String("name").pipe(Argument.withDescription("The secret's name"))

/** A flag like `--timeout 10m`, in milliseconds. */
export const durationFlag = (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("TIME"),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(parseDurationMs(text)),
      () => "Expected a time like 90s, 10m, 12h or 90d"
    )
  )

/** A flag like `--output-limit 64MiB`, in bytes. */
export const bytesFlag = (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("SIZE"),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(parseBytes(text)),
      () => "Expected a size like 512KiB, 64MiB or 1GiB"
    )
  )

/** A flag with an instant in UTC, as the log writes it. */
export const instantFlag = (name: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("INSTANT"),
    Flag.withDescription(description),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(instantText(text)),
      () => "Expected an instant in UTC like 2027-01-31 or 2027-01-31T08:00Z"
    ),
    Flag.optional
  )

const instantText = (text: string): string | undefined => {
  const isInstant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.test(text)
  const instant = new Date(text)
  return isInstant && !Number.isNaN(instant.getTime()) ? instant.toISOString() : undefined
}

export const portFlag = Flag.Int("port").pipe(
  Flag.withMetavar("PORT"),
  Flag.filter(
    (port) => port >= 1 && port <= 65_535,
    () => "Expected a port from 1 to 65535"
  )
)

/** A flag that may be given any number of times. */
export const repeated = <A>(flag: Flag.Flag<A>) =>
  flag.pipe(
    Flag.atLeast(0),
    // Only for the help: none is what it is without the flag anyway, but then the flag counts as required.
    Flag.withDefault([])
  )

/** How many rows a list has at most. */
export const limitFlag = Flag.Int("limit").pipe(
  Flag.withMetavar("N"),
  Flag.withDescription("So many at most"),
  Flag.optional
)

/** What says what would happen, and changes nothing. */
export const dryRunFlag = (description: string) =>
  Flag.Boolean("dry-run").pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))

export const yesFlag = (instead: string) =>
  Flag.Boolean("yes").pipe(Flag.withDescription(instead), Flag.withoutNegation, Flag.withDefault(false))

/** Keys whose value is there: the API's optional fields must be absent, not undefined. */
export const present = <A extends Readonly<Record<string, unknown>>>(fields: A) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof A]?: Exclude<A[K], undefined>
  }
