// Reviews: what ran because somebody broke the glass must be looked at by another person, within the time that the rules say.
import {
  type Actor,
  AuditLog,
  type CipherFailed,
  Database,
  ExecutionId,
  type OrganisationId,
  PersonId,
  type Role,
  SubjectCipher
} from "@fluxcybers/core"
import { Context, Effect, Layer, Schema } from "effect"
import { headerOf } from "./gate/look.ts"
import type { ExecutionNotFound } from "./gate/refusal.ts"
import { Members } from "./ports.ts"
import { isSettled } from "./state.ts"
import { closeReview, findReview, listReviews, type StoredReview } from "./store/reviews.ts"
import { conclusionPlace } from "./store/sealed.ts"

/** Whoever may decide or look back may close a review, but for whoever broke the glass. */
const REVIEWERS: ReadonlyArray<Role> = ["owner", "admin", "approver", "auditor"]

const CONCLUSION_LENGTH_MAX = 1_000

/** A review, open until `closedAt`. */
export const Review = Schema.Struct({
  execution: ExecutionId,
  openedBy: PersonId,
  openedAt: Schema.String,
  dueAt: Schema.String,
  closedBy: Schema.optionalKey(PersonId),
  closedAt: Schema.optionalKey(Schema.String),
  /** In the words of whoever closed it; gone when their key is. */
  conclusion: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "Review" })
export type Review = typeof Review.Type

/** The review was not closed. Nothing was changed. */
export class ReviewRefused extends Schema.TaggedError<ReviewRefused>()("ReviewRefused", {
  execution: Schema.String,
  reason: Schema.Literals(["none", "not-a-person", "role", "own", "running", "closed", "conclusion"])
}) {
  override get message() {
    return `${DETAILS[this.reason]} Nothing was changed.`
  }
}

const DETAILS: Readonly<Record<ReviewRefused["reason"], string>> = {
  none: "Nobody broke the glass for this execution: there is nothing to review.",
  "not-a-person": "Only a person can close a review.",
  role: `Only ${REVIEWERS.join(" or ")} can close a review.`,
  own: "You broke the glass yourself: another person must close the review.",
  running: "It has not ended. Close the review when it has.",
  closed: "The review is closed already.",
  conclusion: `Say in 1 to ${CONCLUSION_LENGTH_MAX} characters what the review found.`
}

/** Who closes which review, and what they found. */
export interface ClosingInput {
  readonly organisation: OrganisationId
  readonly actor: Actor
  readonly execution: ExecutionId
  readonly conclusion: string
}

/** Audit entry: `review.closed`. They are opened by `execution.glass-broken`. */
export class Reviews extends Context.Service<
  Reviews,
  {
    /** Newest first, at most 500; only those that are open, unless `all`. */
    list(organisation: OrganisationId, all?: boolean): Effect.Effect<ReadonlyArray<Review>>
    close(input: ClosingInput): Effect.Effect<Review, ReviewRefused | ExecutionNotFound>
  }
>()("fluxcybers/executor/Reviews") {
  static readonly layer: Layer.Layer<Reviews, never, Database | AuditLog | SubjectCipher | Members> = Layer.effect(
    Reviews,
    Effect.map(Effect.context<Database | AuditLog | SubjectCipher | Members>(), (context) => {
      const provide = Effect.provideContext(context)
      return Reviews.of({
        list: (organisation, all = false) =>
          listReviews(organisation, !all).pipe(Effect.flatMap(Effect.forEach(open)), provide),
        close: (input) => close(input).pipe(provide)
      })
    })
  )
}

const close = Effect.fn("Reviews.close")(function* (input: ClosingInput) {
  const { organisation, actor, execution, conclusion } = input
  const refused = (reason: ReviewRefused["reason"]) => new ReviewRefused({ execution, reason })
  if (actor._tag !== "Person") return yield* refused("not-a-person")
  const header = yield* headerOf(organisation, execution)
  const review = yield* findReview(execution)
  if (review === undefined) return yield* refused("none")
  const members = yield* (yield* Members).list(organisation)
  const roles = members.find(({ person }) => person === actor.person)?.roles ?? []
  if (!roles.some((role) => REVIEWERS.includes(role))) return yield* refused("role")
  if (review.opened_by === actor.person) return yield* refused("own")
  if (!isSettled(header.state)) return yield* refused("running")
  if (conclusion.trim() === "" || conclusion.length > CONCLUSION_LENGTH_MAX) return yield* refused("conclusion")
  const place = conclusionPlace({ organisation, execution }, actor.person)
  const sealed = yield* (yield* SubjectCipher).seal(place, new TextEncoder().encode(conclusion))
  const isClosed = yield* (yield* Database).transaction(
    Effect.gen(function* () {
      if (!(yield* closeReview({ execution, by: actor.person, conclusion: sealed }))) return false
      yield* (yield* AuditLog).record({
        organisation,
        actor,
        action: "review.closed",
        object: execution,
        outcome: "success",
        facts: { digest: header.digest, dueAt: review.due_at }
      })
      return true
    })
  )
  if (!isClosed) return yield* refused("closed")
  return yield* open((yield* findReview(execution))!)
})

const open = Effect.fnUntraced(function* (row: StoredReview) {
  const review: Review = {
    execution: row.execution,
    openedBy: row.opened_by,
    openedAt: row.opened_at,
    dueAt: row.due_at,
    ...(row.closed_by === null || row.closed_at === null ? {} : { closedBy: row.closed_by, closedAt: row.closed_at })
  }
  if (row.closed_by === null || row.conclusion === null) return review
  const place = conclusionPlace(row, row.closed_by)
  const opened = yield* (yield* SubjectCipher).open(place, row.conclusion).pipe(Effect.catch(erased))
  return opened === undefined ? review : { ...review, conclusion: new TextDecoder().decode(opened) }
})

const erased = (failure: CipherFailed) => (failure.reason === "key-destroyed" ? Effect.undefined : Effect.die(failure))
