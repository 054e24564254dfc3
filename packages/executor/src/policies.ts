// The rule set of each organisation: put as a whole, in versions that nothing changes. Without one the rule sets that ship apply.
import type { Actor, AuditLog, Database, ExecutionId, OrganisationId } from "@fluxcybers/core"
import { Context, Effect, Layer, Schema } from "effect"
import type { ExecutionNotFound } from "./gate/refusal.ts"
import { type ExplainInput, type Explanation, explainExecution, explainProposal } from "./policies/explain.ts"
import { checked, put, type RulesInput } from "./policies/put.ts"
import type { RulesRefused } from "./policies/refusal.ts"
import { type Simulation, simulate } from "./policies/simulate.ts"
import { Members } from "./ports.ts"
import { ruleSetFor } from "./rule-sets.ts"
import { RuleDocument, type RuleSet, ruleSetDigest } from "./rules.ts"
import { findRuleSet, listRuleSets, newestRuleSet, type StoredRuleSet } from "./store/rule-sets.ts"

export { Explanation } from "./policies/explain.ts"
export { RulesRefused } from "./policies/refusal.ts"
export { Simulation } from "./policies/simulate.ts"

/** A version of an organisation's rules. */
export const RuleSetVersion = Schema.Struct({
  name: Schema.String,
  /** Counted from 1 within the organisation; of a rule set that ships, its own version. */
  version: Schema.Int,
  /** SHA-256 (hex) of the rules: the same rules have the same digest. */
  digest: Schema.String,
  document: RuleDocument,
  /** Absent for a rule set that ships. */
  putBy: Schema.optionalKey(Schema.String),
  putAt: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "RuleSetVersion" })
export type RuleSetVersion = typeof RuleSetVersion.Type

/** Settings of the rules; each has a default. */
export interface PolicySettings {
  /** The rule set of an organisation that has put none, by its number of members: `solo` for one, `team` for more, unless told. */
  readonly shipped: (members: number) => RuleSet
}

/** Audit entry: `policy.put`, with version and digest. Who may put or look is the caller's to check (`authorization.ts`); only a person can put. */
export class Policies extends Context.Service<
  Policies,
  {
    /** The rules in force. */
    current(organisation: OrganisationId): Effect.Effect<RuleSetVersion>
    /** One of the versions that were put. */
    version(organisation: OrganisationId, version: number): Effect.Effect<RuleSetVersion, RulesRefused>
    /** What was put, newest first: at most 200. */
    history(organisation: OrganisationId): Effect.Effect<ReadonlyArray<RuleSetVersion>>
    /** Checks the rules and their examples, and puts them in force. The same rules again change nothing. */
    put(input: {
      readonly organisation: OrganisationId
      readonly actor: Actor
      readonly document: unknown
      /** Only if this version is in force. */
      readonly replaces?: number
    }): Effect.Effect<RuleSetVersion, RulesRefused>
    /** What the rules in force would require of a proposal, why, and who could satisfy it. */
    explain(input: ExplainInput): Effect.Effect<Explanation>
    /** The same for an execution, by the rules under which it was proposed. */
    explainExecution(organisation: OrganisationId, id: ExecutionId): Effect.Effect<Explanation, ExecutionNotFound>
    /** What these rules would have required of the executions of the last 90 days. */
    simulate(organisation: OrganisationId, document: unknown): Effect.Effect<Simulation, RulesRefused>
  }
>()("fluxcybers/executor/Policies") {
  static readonly layer = (
    settings: Partial<PolicySettings> = {}
  ): Layer.Layer<Policies, never, Database | AuditLog | Members> =>
    Layer.effect(
      Policies,
      Effect.map(Effect.context<Database | AuditLog | Members>(), (context) => {
        const provide = Effect.provideContext(context)
        const shipped = settings.shipped ?? ruleSetFor
        const current = currentOf(shipped)
        return Policies.of({
          current: (organisation) => current(organisation).pipe(provide),
          version: (organisation, version) => Effect.map(findRuleSet(organisation, version), asVersion).pipe(provide),
          history: (organisation) =>
            Effect.map(listRuleSets(organisation), (sets) => sets.map(asVersion)).pipe(provide),
          explain: (input) =>
            current(input.organisation).pipe(
              Effect.andThen((version) => explainProposal(input, ruleSetOf(version))),
              provide
            ),
          explainExecution: (organisation, id) =>
            current(organisation).pipe(
              Effect.andThen((version) =>
                explainExecution(organisation, id, { ...ruleSetOf(version), digest: version.digest })
              ),
              provide
            ),
          simulate: (organisation, document) =>
            checked(document).pipe(
              Effect.andThen((rules) => simulate(organisation, rules)),
              provide
            ),
          put: (input: RulesInput) => put(input).pipe(Effect.andThen(current(input.organisation)), provide)
        })
      })
    )
}

const currentOf = (shipped: PolicySettings["shipped"]) =>
  Effect.fn("Policies.current")(function* (organisation: OrganisationId) {
    const stored = yield* newestRuleSet(organisation)
    if (stored !== undefined) return asVersion(stored)
    const members = yield* (yield* Members).list(organisation)
    return shippedVersion(shipped(members.length))
  })

const shippedVersion = ({ version, ...document }: RuleSet): RuleSetVersion => ({
  name: document.name,
  version,
  digest: ruleSetDigest(document),
  document
})

const asVersion = ({ organisation: _, put_by, put_at, document, ...stored }: StoredRuleSet): RuleSetVersion => ({
  name: document.name,
  ...stored,
  document,
  putBy: put_by,
  putAt: put_at
})

/** The rules of a version, as they are evaluated. */
export const ruleSetOf = ({ document, version }: RuleSetVersion): RuleSet => ({ ...document, version })
