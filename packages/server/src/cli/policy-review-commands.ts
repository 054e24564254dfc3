// `policy reviews` and `close-review`: what ran because somebody broke the glass.
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { moment } from "./moment.ts"
import { answer } from "./output.ts"
import { executionArgument } from "./parameters.ts"
import { peopleNames } from "./people.ts"
import { table } from "./table.ts"

export const policyReviews = Command.make(
  "reviews",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDescription("Also those that are closed"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ all }) {
    const api = yield* connect
    const reviews = yield* api((client) => client.policy.reviews({ query: all ? { all: "true" } : {} }))
    const names = yield* peopleNames(api)
    const now = new Date().toISOString()
    yield* answer(reviews, () =>
      table(
        ["EXECUTION", "BROKEN BY", "AT", "REVIEW", "CONCLUSION"],
        reviews.map(({ execution, openedBy, openedAt, dueAt, closedBy, conclusion = "" }) => [
          execution,
          names.get(openedBy) ?? openedBy,
          moment(openedAt),
          closedBy === undefined
            ? `${dueAt <= now ? "OVERDUE since" : "open until"} ${moment(dueAt)}`
            : `closed by ${names.get(closedBy) ?? closedBy}`,
          conclusion
        ]),
        all ? "Nobody has broken the glass." : "No review is open."
      )
    )
  })
).pipe(
  Command.withDescription("List what ran because somebody broke the glass and nobody has reviewed"),
  Command.withExamples([{ command: "fluxcybers policy reviews" }, { command: "fluxcybers policy reviews --all" }])
)

export const policyCloseReview = Command.make(
  "close-review",
  {
    id: executionArgument,
    conclusion: Flag.String("conclusion").pipe(
      Flag.withMetavar("WHAT"),
      Flag.withDescription("What the review found; the others can read it")
    )
  },
  Effect.fnUntraced(function* ({ id, conclusion }) {
    const api = yield* connect
    const review = yield* api((client) => client.policy.closeReview({ params: { id }, payload: { conclusion } }))
    yield* answer(review, () => `Closed the review of ${id}.\n`)
  })
).pipe(
  Command.withDescription("Close the review of what another person ran by breaking the glass, once it has ended"),
  Command.withExamples([
    { command: "fluxcybers policy close-review exec_01… --conclusion 'The disk was full; it was the right thing'" }
  ])
)
