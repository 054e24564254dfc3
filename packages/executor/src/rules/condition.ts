// When a rule holds, as people write it.

import { Schema } from "effect"
import { Access } from "../plan.ts"
import { filledList } from "./filled-list.ts"
import { TimeWindow } from "./time-window.ts"
import { WILDCARDS_MAX, wildcardsIn } from "./wildcard.ts"

/** The kinds of requesters that rules tell apart. `system` is FluxCybers itself. */
export const Requester = Schema.Literals(["person", "agent", "service", "system"])
export type Requester = typeof Requester.Type

const NAME_LENGTH_MAX = 255
const TARGETS_MAX = 100

const Word = Schema.String.check(
  Schema.isPattern(new RegExp(`^[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]{1,${NAME_LENGTH_MAX}}$`, "u"), {
    expected: `text of 1 to ${NAME_LENGTH_MAX} characters on one line`
  })
)

const TargetPattern = Word.check(
  Schema.makeFilter((pattern) => wildcardsIn(pattern) <= WILDCARDS_MAX, {
    expected: `a target's name, its id, or a pattern like "web-*" with at most ${WILDCARDS_MAX} wildcards`
  })
)

/** A target is meant when everything that is said here is true of it. */
export const TargetCondition = Schema.Struct({
  /** Its name or its id is one of these; `*` stands for any characters of a name. */
  named: Schema.optionalKey(filledList(TargetPattern)),
  /** It has all of these tags. */
  tags: Schema.optionalKey(filledList(Word)),
  /** Commands run there as one of these accounts. */
  account: Schema.optionalKey(filledList(Word))
})
export type TargetCondition = typeof TargetCondition.Type

const ActorIdText = Schema.String.check(
  Schema.isPattern(/^(person|agent|token)_[0-9a-hjkmnp-tv-z]{26}$/, {
    expected: "the id of a person, an agent or a token, like person_01…"
  })
)

/** A rule holds when all of its conditions do; one that is left out always does. */
export const Condition = Schema.Struct({
  /** What the command may do. */
  access: Schema.optionalKey(filledList(Access)),
  /** The executor's id. */
  executor: Schema.optionalKey(filledList(Word)),
  /** There is a target, and every target of the plan is meant. */
  everyTarget: Schema.optionalKey(TargetCondition),
  /** At least one target of the plan is meant. */
  someTarget: Schema.optionalKey(TargetCondition),
  /** The plan has so many targets or more. */
  targetsMin: Schema.optionalKey(
    Schema.Int.check(
      Schema.isBetween({ minimum: 1, maximum: TARGETS_MAX }, { expected: `a whole number from 1 to ${TARGETS_MAX}` })
    )
  ),
  /** A person themself, an agent, a service. */
  requester: Schema.optionalKey(filledList(Requester)),
  /** Exactly these: by id. A person's id also means the agents that work for them. */
  requestedBy: Schema.optionalKey(filledList(ActorIdText)),
  time: Schema.optionalKey(TimeWindow)
})
export type Condition = typeof Condition.Type
