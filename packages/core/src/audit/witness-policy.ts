// Which witnesses must have cosigned a checkpoint (https://c2sp.org/tlog-policy).
import { Result, Schema } from "effect"
import { parseWitnessKey } from "./cosigner.ts"
import { openNote } from "./note.ts"
import { type NoteVerifier, parseVerifierKey } from "./note-key.ts"

const CHARACTERS_MAX = 100_000
const WITNESSES_MAX = 64
const GROUPS_MAX = 64

/** A line of a policy is wrong. Nothing of it was used. */
export class InvalidPolicy extends Schema.TaggedError<InvalidPolicy>()("InvalidPolicy", {
  line: Schema.Int,
  problem: Schema.String
}) {
  override get message() {
    return `Line ${this.line} of the witness policy: ${this.problem}. The format is that of https://c2sp.org/tlog-policy.`
  }
}

/** A witness of a policy. */
export interface PolicyWitness {
  /** Its name within the policy. */
  readonly name: string
  readonly verifier: NoteVerifier
  /** Prefix of its add-checkpoint address; absent when checkpoints are not sent to it. */
  readonly url: string | undefined
}

interface Group {
  readonly threshold: number
  readonly members: ReadonlyArray<string>
}

/** A policy as it was read. */
export interface WitnessPolicy {
  readonly logs: ReadonlyArray<NoteVerifier>
  readonly witnesses: ReadonlyArray<PolicyWitness>
  readonly groups: ReadonlyMap<string, Group>
  /** A witness, a group, or `none`. */
  readonly quorum: string
}

/** Reads a policy file. */
export const parseWitnessPolicy = (text: string): Result.Result<WitnessPolicy, InvalidPolicy> => {
  const draft: Draft = { logs: [], witnesses: [], groups: new Map(), used: new Set(), quorum: undefined }
  const lines = text.slice(0, CHARACTERS_MAX + 1).split("\n")
  // biome-ignore lint/suspicious/noControlCharactersInRegex: tab and newline are the only ones that the specification allows.
  if (text.length > CHARACTERS_MAX || /[\x00-\x08\x0b-\x1f\x7f]/.test(text)) {
    return Result.fail(new InvalidPolicy({ line: 1, problem: "too long, or with control characters" }))
  }
  for (const [index, line] of lines.entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== "")
    if (words.length === 0 || words[0]!.startsWith("#")) continue
    const problem = readLine(draft, words)
    if (problem !== undefined) return Result.fail(new InvalidPolicy({ line: index + 1, problem }))
  }
  const { logs, witnesses, groups, quorum } = draft
  if (quorum === undefined) return Result.fail(new InvalidPolicy({ line: lines.length, problem: "there is no quorum" }))
  return Result.succeed({ logs, witnesses, groups, quorum })
}

interface Draft {
  readonly logs: Array<NoteVerifier>
  readonly witnesses: Array<PolicyWitness>
  readonly groups: Map<string, Group>
  /** Names that are members of a group: each may be one only once. */
  readonly used: Set<string>
  quorum: string | undefined
}

/** Reads one line into the draft; what is wrong with it, or nothing. */
const readLine = (draft: Draft, [keyword, ...words]: ReadonlyArray<string>): string | undefined => {
  switch (keyword) {
    case "log":
      return readLog(draft, words)
    case "witness":
      return readWitness(draft, words)
    case "group":
      return readGroup(draft, words)
    case "quorum":
      return readQuorum(draft, words)
    default:
      return "a line begins with log, witness, group or quorum"
  }
}

const readLog = (draft: Draft, words: ReadonlyArray<string>): string | undefined => {
  const log = Result.getOrUndefined(parseVerifierKey(words[0] ?? ""))
  if (log === undefined || words.length > 2) return "log <verifier key> [<url>] is expected"
  if (draft.logs.some((other) => keyIn(other) === keyIn(log))) return "a log with this key stands above"
  draft.logs.push(log)
  return undefined
}

const readWitness = (draft: Draft, [name, key, url, ...rest]: ReadonlyArray<string>): string | undefined => {
  const verifier = Result.getOrUndefined(parseWitnessKey(key ?? ""))
  if (name === undefined || verifier === undefined || rest.length > 0) {
    return "witness <name> <verifier key> [<url>] is expected"
  }
  if (!isFree(draft, name)) return `the name ${name} is taken`
  if (draft.witnesses.some((other) => keyIn(other.verifier) === keyIn(verifier)))
    return "a witness with this key stands above"
  if (draft.witnesses.length === WITNESSES_MAX) return `there are more than ${WITNESSES_MAX} witnesses`
  if (url !== undefined && !(URL.canParse(url) && /^https?:/.test(url))) return "the URL is none"
  draft.witnesses.push({ name, verifier, url: url?.replace(/\/+$/, "") })
  return undefined
}

const readGroup = (draft: Draft, [name, rule = "", ...members]: ReadonlyArray<string>): string | undefined => {
  const thresholds: Readonly<Record<string, number>> = { any: 1, all: members.length }
  const threshold = /^[1-9][0-9]*$/.test(rule) ? Number(rule) : thresholds[rule]
  if (name === undefined || threshold === undefined || threshold < 1 || threshold > members.length) {
    return "group <name> all|any|<k> <member>… is expected, with k from 1 to the number of members"
  }
  if (!isFree(draft, name)) return `the name ${name} is taken`
  if (draft.groups.size === GROUPS_MAX) return `there are more than ${GROUPS_MAX} groups`
  for (const member of members) {
    if (!isDefined(draft, member)) return `${member} is not defined above`
    if (draft.used.has(member)) return `${member} is a member already`
    draft.used.add(member)
  }
  draft.groups.set(name, { threshold, members })
  return undefined
}

const readQuorum = (draft: Draft, [name, ...rest]: ReadonlyArray<string>): string | undefined => {
  if (name === undefined || rest.length > 0) return "quorum <name> is expected"
  if (draft.quorum !== undefined) return "there is a quorum above"
  if (name !== "none" && !isDefined(draft, name)) return `${name} is not defined above`
  draft.quorum = name
  return undefined
}

const isDefined = ({ witnesses, groups }: Draft, name: string): boolean =>
  groups.has(name) || witnesses.some((witness) => witness.name === name)

const isFree = (draft: Draft, name: string): boolean => name !== "none" && !isDefined(draft, name)

/** Keys are the same when their public keys are, whatever they are called. */
const keyIn = ({ text }: NoteVerifier): string => text.slice(-43)

/** Whether enough witnesses of the policy cosigned this checkpoint, a signed note. */
export const isQuorumMet = (policy: WitnessPolicy, checkpoint: string): boolean => {
  const isWitnessedBy = (name: string): boolean => {
    const group = policy.groups.get(name)
    if (group !== undefined) return group.members.filter(isWitnessedBy).length >= group.threshold
    const witness = policy.witnesses.find((each) => each.name === name)
    return witness !== undefined && Result.isSuccess(openNote(checkpoint, [witness.verifier]))
  }
  return policy.quorum === "none" || isWitnessedBy(policy.quorum)
}
