// Putting rules in force: as a whole, checked with their own examples, as the next version.
import { type Actor, AuditLog, canonicalJson, Database, type OrganisationId } from "@fluxcybers/core"
import { DateTime, Effect, Result } from "effect"
import { decodeRules, problemText } from "../rules/problems.ts"
import { runExamples } from "../rules/run-examples.ts"
import { ruleSetDigest, ruleSetName } from "../rules.ts"
import { insertRuleSet, newestRuleSet } from "../store/rule-sets.ts"
import { RulesRefused } from "./refusal.ts"

/** What somebody wants to put in force. */
export interface RulesInput {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly document: unknown
  readonly replaces?: number
}

/** Every version is kept, so that one is at most this large. */
const DOCUMENT_BYTES_MAX = 256 * 1024

export const put = Effect.fn("Policies.put")(function* (input: RulesInput) {
  const document = yield* checked(input.document)
  const { organisation, actor, replaces } = input
  if (actor._tag !== "Person") return yield* refused("not-a-person", "Only a person can put rules in force.")
  const isPut = yield* (yield* Database).transaction(
    Effect.gen(function* () {
      const newest = yield* newestRuleSet(organisation)
      if (replaces !== undefined && replaces !== (newest?.version ?? 0)) return false
      const digest = ruleSetDigest(document)
      if (newest?.digest === digest) return true
      const row = {
        organisation,
        version: (newest?.version ?? 0) + 1,
        digest,
        document,
        put_by: actor.person,
        put_at: DateTime.formatIso(yield* DateTime.now)
      }
      if (!(yield* insertRuleSet(row))) return false
      yield* (yield* AuditLog).record({
        organisation,
        actor,
        action: "policy.put",
        object: ruleSetName({ name: document.name, version: row.version }),
        outcome: "success",
        facts: { version: row.version, digest, rules: document.rules.length, replaces: newest?.digest ?? "shipped" }
      })
      return true
    })
  )
  if (!isPut)
    return yield* refused("changed", "Somebody else has put other rules in force meanwhile. Look at them first.")
})

/** The document, if it is well formed and its examples hold. */
export const checked = Effect.fnUntraced(function* (given: unknown) {
  const decoded = decodeRules(given)
  if (Result.isFailure(decoded)) return yield* refused("invalid", decoded.failure.map(problemText).join("\n"))
  const document = decoded.success
  if (Buffer.byteLength(canonicalJson(document)) > DOCUMENT_BYTES_MAX) {
    return yield* refused("too-large", `The rules have more than ${DOCUMENT_BYTES_MAX} bytes.`)
  }
  const wrong = runExamples(document).flatMap(({ path, problem }) =>
    problem === undefined ? [] : [{ path, message: problem }]
  )
  return wrong.length === 0 ? document : yield* refused("examples", wrong.map(problemText).join("\n"))
})

const refused = (reason: RulesRefused["reason"], detail: string) =>
  new RulesRefused({ reason, detail: `${detail}\nNothing was changed.` })
