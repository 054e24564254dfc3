// `policy explain`: which rule decides, why the earlier ones do not, what is required, and who can satisfy it.
import type { Explanation } from "@fluxcybers/executor"
import { classifyArgv } from "@fluxcybers/executor/classify"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import type { PeopleNames } from "./execution-view.ts"
import { usageFailure } from "./failure.ts"
import { answer } from "./output.ts"
import { isExecutionId, repeated } from "./parameters.ts"
import { peopleNames } from "./people.ts"
import { requirementText } from "./requirement-view.ts"
import { visible } from "./visible-text.ts"

export const policyExplain = Command.make(
  "explain",
  {
    words: Argument.String("id-or-command").pipe(
      Argument.withDescription("An execution's id, or after -- a command that nobody has proposed yet"),
      Argument.variadic({ min: 1 })
    ),
    targets: Flag.String("target").pipe(
      Flag.withAlias("t"),
      Flag.withMetavar("TARGET"),
      Flag.withDescription("With a command: where it would run; give it again for more"),
      repeated
    ),
    executor: Flag.Literals("executor", ["ssh", "local"]).pipe(
      Flag.withDescription("With a command: how it would run"),
      Flag.withDefault("ssh")
    )
  },
  Effect.fnUntraced(function* ({ words, targets, executor }) {
    const api = yield* connect
    const [first = ""] = words
    const id = isExecutionId(first) ? first : undefined
    if (id !== undefined && words.length > 1)
      return yield* usageFailure("Give an execution's id or a command, not both.")
    const explanation =
      id === undefined
        ? yield* api((client) =>
            client.policy.explain({ payload: { executor, targets, access: classifyArgv(words).class } })
          )
        : yield* api((client) => client.policy.explainExecution({ params: { id } }))
    const names = yield* peopleNames(api)
    yield* answer(explanation, () => explanationText(explanation, names))
  })
).pipe(
  Command.withDescription(
    "Say which rule decides on an execution, or would on a command of yours; why the earlier rules do not; what is required; and who can satisfy it. Nothing is proposed."
  ),
  Command.withShortDescription("Say which rule decides, why, and who can satisfy it"),
  Command.withExamples([
    { command: "fluxcybers policy explain exec_01…" },
    { command: "fluxcybers policy explain -t web-1 -- systemctl restart nginx" }
  ])
)

/** The explanation as a person reads it. Pure. */
const explanationText = (explanation: Explanation, names: PeopleNames): string =>
  [
    `Rules of ${visible(explanation.ruleSet)}, in order:`,
    ...explanation.considered.map(({ rule, mismatch }) =>
      mismatch === undefined ? `  ${visible(rule)}: matches` : `  ${visible(rule)}: no, ${visible(mismatch)}`
    ),
    ...(explanation.considered.some(({ mismatch }) => mismatch === undefined) ? [] : ["  none of them matches"]),
    `Required: ${requirementText(explanation.requirement)}`,
    ...deciderLines(explanation, names),
    ...(explanation.unfillable > 0
      ? [`Nobody can satisfy it: ${explanation.unfillable} more of these people are needed than there are.`]
      : [])
  ]
    .map((line) => `${line}\n`)
    .join("")

const deciderLines = (
  { deciders, isApproved, requirement }: Explanation,
  names: PeopleNames
): ReadonlyArray<string> => {
  if (requirement._tag !== "People") return []
  const named = deciders.map(({ person, roles, refusal }) => {
    const name = names.get(person)
    const who = name === undefined ? person : `${visible(name)} (${person})`
    return `  ${who}, ${roles.join(", ")}: ${refusal === undefined ? "can approve" : (WHY_NOT[refusal] ?? refusal)}`
  })
  return [isApproved ? "Everybody has agreed who must." : "Who can satisfy it:", ...named]
}

const WHY_NOT: Readonly<Record<string, string>> = {
  role: "no, none of these roles",
  "own-proposal": "no, it is their own proposal",
  "requester-must-confirm": "no, whoever proposed it must confirm",
  "already-decided": "has decided",
  "not-a-member": "no, not a member"
}
