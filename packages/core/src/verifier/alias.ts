// Aliases: what stands in an entry in place of the id of a person, or of a text about one (docs/spec/audit-log.md §11). An alias commits
// to what it stands for; whoever has the opening can show it, and once all openings are gone nobody can say whose the alias was.
import { createHash, randomBytes } from "node:crypto"

const SALT_BYTES = 32
const DOMAIN = "fluxcybers/audit/v1/alias"
const ALIAS = /\balias_[0-9a-f]{64}\b/g

/** What an alias stands for in the log of an organisation. `salt` is 32 bytes in hexadecimal. */
export interface AliasOpening {
  readonly alias: string
  readonly org: string
  readonly salt: string
  readonly text: string
}

export const openingOf = (org: string, text: string): AliasOpening => {
  const salt = randomBytes(SALT_BYTES).toString("hex")
  return { alias: aliasOf({ org, salt, text }), org, salt, text }
}

/** False for an opening that somebody made up, or altered. */
export const isOpening = ({ alias, ...opening }: AliasOpening): boolean =>
  opening.salt.length === SALT_BYTES * 2 && aliasOf(opening) === alias

const aliasOf = ({ org, salt, text }: Omit<AliasOpening, "alias">): string => {
  const hash = createHash("sha256").update(DOMAIN).update(Buffer.from(salt, "hex"))
  return `alias_${hash.update(`${org}\n${text}`, "utf8").digest("hex")}`
}

/** The aliases in a text, as often as they stand there. */
export const aliasesIn = (text: string): ReadonlyArray<string> => text.match(ALIAS) ?? []

/** A text with what its aliases stand for; an alias that cannot be opened stays. */
const openedText = (text: string, opened: ReadonlyMap<string, string>): string =>
  text.replace(ALIAS, (alias) => opened.get(alias) ?? alias)

/** The members of an entry in which aliases stand. */
export interface Aliased {
  readonly actor?: unknown
  readonly object?: unknown
  readonly facts?: Readonly<Record<string, unknown>>
}

/** The entry with what its aliases stand for. */
export const openedEntry = <E extends Aliased>(entry: E, opened: ReadonlyMap<string, string>): E => {
  const open = (value: unknown) => (typeof value === "string" ? openedText(value, opened) : value)
  const facts = Object.fromEntries(Object.entries(entry.facts ?? {}).map(([name, value]) => [name, open(value)]))
  return { ...entry, actor: open(entry.actor), object: open(entry.object), facts }
}
