// Failures as the API shows them: RFC 9457 problem details, one class a status. `detail` is for a person: what happened, what was
// not changed, what to do next. `code` is for programs and stays the same between releases.
import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"

const fields = {
  type: Schema.String,
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  code: Schema.String
}

const asProblem = HttpApiSchema.asJson({ contentType: "application/problem+json" })

export class BadRequest extends Schema.TaggedError<BadRequest>()("BadRequest", fields, { httpApiStatus: 400 }) {}
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", fields, { httpApiStatus: 401 }) {}
export class NotAllowed extends Schema.TaggedError<NotAllowed>()("NotAllowed", fields, { httpApiStatus: 403 }) {}
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", fields, { httpApiStatus: 404 }) {}
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", fields, { httpApiStatus: 409 }) {}
export class TooLarge extends Schema.TaggedError<TooLarge>()("TooLarge", fields, { httpApiStatus: 413 }) {}
export class Unprocessable extends Schema.TaggedError<Unprocessable>()("Unprocessable", fields, {
  httpApiStatus: 422
}) {}
export class InternalFailure extends Schema.TaggedError<InternalFailure>()("InternalFailure", fields, {
  httpApiStatus: 500
}) {}
export class StorageUnavailable extends Schema.TaggedError<StorageUnavailable>()("StorageUnavailable", fields, {
  httpApiStatus: 503
}) {}

/** Every failure that an endpoint may answer. */
export const problems = [
  BadRequest.pipe(asProblem),
  Unauthorized.pipe(asProblem),
  NotAllowed.pipe(asProblem),
  NotFound.pipe(asProblem),
  Conflict.pipe(asProblem),
  TooLarge.pipe(asProblem),
  Unprocessable.pipe(asProblem),
  InternalFailure.pipe(asProblem),
  StorageUnavailable.pipe(asProblem)
] as const

export type Problem =
  | BadRequest
  | Unauthorized
  | NotAllowed
  | NotFound
  | Conflict
  | TooLarge
  | Unprocessable
  | InternalFailure
  | StorageUnavailable
