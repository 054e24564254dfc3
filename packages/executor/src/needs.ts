// What an executor declares that its runs need, and whether a plan of it stays within that.
import { Schema } from "effect"
import type { PlanDraft } from "./executor.ts"
import { fits } from "./rules/wildcard.ts"

const PATTERNS_MAX = 100
const Patterns = Schema.Array(Schema.String).check(Schema.isMaxLength(PATTERNS_MAX))

/**
 * What the plans of an executor may name at most, at most 100 of each. In patterns `*` stands for letters, digits, `.`, `_` and `-`.
 * The gate refuses a plan beyond them; a plugin reaches nothing else.
 */
export const ExecutorNeeds = Schema.Struct({
  /** Patterns of hosts: `api.example.com:443`, `*:5432`, `unix:/run/docker.sock`. */
  hosts: Schema.optionalKey(Patterns),
  /** Patterns of names of secrets: `acme/*`. */
  secrets: Schema.optionalKey(Patterns),
  /** Absolute paths of files and folders that a plugin reads besides its own folder. */
  files: Schema.optionalKey(Patterns)
})
export type ExecutorNeeds = typeof ExecutorNeeds.Type

/** What of a draft goes beyond the needs, as a sentence. Pure. */
export const beyondNeeds = (
  { hosts = [], secrets = [] }: ExecutorNeeds,
  { hosts: places = [], secrets: names = [], secretEnv = {} }: PlanDraft
): string | undefined => {
  const host = places.find((place) => !hosts.some((pattern) => fits(pattern, place)))
  if (host !== undefined) return `It would connect to ${host}, but ${declares(hosts, "host")}.`
  const secret = [...names, ...Object.values(secretEnv)].find((name) => !secrets.some((each) => fits(each, name)))
  return secret === undefined ? undefined : `It would read the secret "${secret}", but ${declares(secrets, "secret")}.`
}

const declares = (patterns: ReadonlyArray<string>, word: string): string =>
  patterns.length === 0 ? `the executor declares no ${word}` : `the executor declares only ${patterns.join(", ")}`
