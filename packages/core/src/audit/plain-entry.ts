// The quick way to know an entry: one pattern for what nearly every leaf looks like. Whatever it does not accept may still be an
// entry (other characters, long facts) and goes the long way through the schema. What it accepts, the schema accepts: the test
// "accepts nothing that the schema refuses" holds the two together.

/** The members of an entry that stand in list columns too, in the order of `LISTED`. */
export type ListedMembers = readonly [
  id: string,
  org: string,
  actor: string,
  action: string,
  object: string,
  time: string
]
export const LISTED = ["id", "org", "actor", "action", "object", "time"] as const

/** Printable ASCII that JSON does not escape. */
const TEXT = String.raw`[ !#-\[\]-~]*`
/** The same with quotes and without braces: what can stand between the braces of a flat object. */
const MEMBERS = "[ -z|~]*"
const ID = "_[0-7][0-9a-hjkmnp-tv-z]{25}"
const WORDS = "[a-z]+(?:-[a-z]+)*"
const ENTRY = new RegExp(
  String.raw`^\{"action":"(${WORDS}\.${WORDS})","actor":"(${TEXT})","facts":\{(${MEMBERS})\},"id":"(audit${ID})",` +
    `"object":"(${TEXT})","org":"(org${ID})","outcome":"(?:success|failure|intent|denied|unknown|interrupted)",` +
    String.raw`"sealed":\{(${MEMBERS})\},"time":"(${TEXT})","v":1\}$`
)
const FACT = new RegExp(`"([A-Za-z][A-Za-z0-9_.-]*)":(?:"${TEXT}"|0|-?[1-9][0-9]{0,14}|true|false)(?:,(?=")|$)`, "y")
const SEALED = new RegExp(`"([A-Za-z][A-Za-z0-9_.-]*)":"${TEXT}"(?:,(?=")|$)`, "y")
/** No longer than one fact may be: then none of them is too long. */
const FACTS_CHARACTERS_MAX = 1_024

/** The listed members of an entry in canonical JSON; `undefined` when this is not one, or not a plain one. */
export const plainEntry = (json: string): ListedMembers | undefined => {
  const found = ENTRY.exec(json)
  if (found === null) return undefined
  const [, action, actor, facts, id, object, org, sealed, time] = found as unknown as ReadonlyArray<string>
  if (facts!.length > FACTS_CHARACTERS_MAX || !areSorted(FACT, facts!) || !areSorted(SEALED, sealed!)) return undefined
  return [id!, org!, actor!, action!, object!, time!]
}

/** Whether members of this form follow each other in the order of RFC 8785, no name twice. */
const areSorted = (member: RegExp, members: string): boolean => {
  let last = ""
  for (let at = 0; at < members.length; at = member.lastIndex) {
    member.lastIndex = at
    const name = member.exec(members)?.[1]
    if (name === undefined || name <= last) return false
    last = name
  }
  return true
}
