// Proposals that may arrive twice: with a key, the second is answered with what the first has made.
import type { ExecutionId } from "@fluxcybers/core"
import { type Execution, Gate } from "@fluxcybers/executor"
import { Effect, Redacted } from "effect"
import { HttpServerRequest } from "effect/http"
import { Caller } from "../api/authentication.ts"
import { Idempotency } from "../data/idempotency.ts"
import { asProblem, type DomainError } from "./problem.ts"

interface Repeatable {
  /** What the header `Idempotency-Key` says. */
  readonly key: string | undefined
  /** Equal requests, equal text. */
  readonly body: string
}

/** Proposes, or answers what a request with the same key and body has proposed before. */
export const proposedOnce = Effect.gen(function* () {
  const gate = yield* Gate
  const idempotency = yield* Idempotency
  return Effect.fn("proposedOnce")(function* <E extends DomainError>(
    { key, body }: Repeatable,
    propose: Effect.Effect<Execution, E>
  ) {
    const { organisation, token } = yield* Caller
    if (key === undefined) return yield* asProblem(propose)
    const request = { token, bearer: yield* bearer, key, body }
    const id = yield* asProblem(idempotency.once(request, Effect.map(propose, idOf)))
    return yield* asProblem(gate.get(organisation, id))
  })
})

const idOf = ({ id }: Execution): ExecutionId => id

/** The caller's token as it was sent: authentication has accepted it already. */
const bearer = Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) =>
  Redacted.make((headers["authorization"] ?? "").replace(/^bearer +/i, ""))
)
