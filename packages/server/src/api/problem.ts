// Failures as the API shows them: RFC 9457 problem details, one class a status. `detail` is for a person: what happened, what was
// not changed, what to do next. `code` is for programs and stays the same between releases.
import { Schema } from "effect"
import { HttpApiSchema } from "effect/http-api"

/** One part of a request that does not fit: where it is, and what was expected there. Never the value. */
export const InvalidPart = Schema.Struct({
  path: Schema.Array(Schema.Union([Schema.String, Schema.Int])),
  message: Schema.String
})

const fields = {
  type: Schema.String,
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  code: Schema.String
}

const asProblem = HttpApiSchema.asJson({ contentType: "application/problem+json" })

/** 400: the request is not what the API describes. */
export class BadRequest extends Schema.TaggedError<BadRequest>()(
  "BadRequest",
  { ...fields, errors: Schema.optionalKey(Schema.Array(InvalidPart)) },
  { httpApiStatus: 400 }
) {
  override get message() {
    return this.detail
  }
}
/** 401: no token, or one that is unknown, expired or revoked. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", fields, { httpApiStatus: 401 }) {
  override get message() {
    return this.detail
  }
}
/** 403: whoever asks may not do this. */
export class NotAllowed extends Schema.TaggedError<NotAllowed>()("NotAllowed", fields, { httpApiStatus: 403 }) {
  override get message() {
    return this.detail
  }
}
/** 404: there is no such thing, or no such route. */
export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", fields, { httpApiStatus: 404 }) {
  override get message() {
    return this.detail
  }
}
/** 405: the route exists, for other methods. */
export class MethodNotAllowed extends Schema.TaggedError<MethodNotAllowed>()("MethodNotAllowed", fields, {
  httpApiStatus: 405
}) {
  override get message() {
    return this.detail
  }
}
/** 408: the request took too long to arrive. */
export class RequestTimeout extends Schema.TaggedError<RequestTimeout>()("RequestTimeout", fields, {
  httpApiStatus: 408
}) {
  override get message() {
    return this.detail
  }
}
/** 409: it does not fit the present state. */
export class Conflict extends Schema.TaggedError<Conflict>()("Conflict", fields, { httpApiStatus: 409 }) {
  override get message() {
    return this.detail
  }
}
/** 410: it was there, and is not kept any more. */
export class Gone extends Schema.TaggedError<Gone>()("Gone", fields, { httpApiStatus: 410 }) {
  override get message() {
    return this.detail
  }
}
/** 413: the body is larger than the API takes. */
export class TooLarge extends Schema.TaggedError<TooLarge>()("TooLarge", fields, { httpApiStatus: 413 }) {
  override get message() {
    return this.detail
  }
}
/** 415: the body is not JSON. */
export class UnsupportedMediaType extends Schema.TaggedError<UnsupportedMediaType>()("UnsupportedMediaType", fields, {
  httpApiStatus: 415
}) {
  override get message() {
    return this.detail
  }
}
/** 421: the request names another host. */
export class WrongHost extends Schema.TaggedError<WrongHost>()("WrongHost", fields, { httpApiStatus: 421 }) {
  override get message() {
    return this.detail
  }
}
/** 422: understood, and not possible as asked. */
export class Unprocessable extends Schema.TaggedError<Unprocessable>()("Unprocessable", fields, {
  httpApiStatus: 422
}) {
  override get message() {
    return this.detail
  }
}
/** 429: too many failed attempts from this address. */
export class TooManyRequests extends Schema.TaggedError<TooManyRequests>()("TooManyRequests", fields, {
  httpApiStatus: 429
}) {
  override get message() {
    return this.detail
  }
}
/** 431: the headers are larger than the server takes. */
export class HeadersTooLarge extends Schema.TaggedError<HeadersTooLarge>()("HeadersTooLarge", fields, {
  httpApiStatus: 431
}) {
  override get message() {
    return this.detail
  }
}
/** 500: a defect of ours. `incident` finds it in the server's log. */
export class InternalFailure extends Schema.TaggedError<InternalFailure>()(
  "InternalFailure",
  // `incident` finds the failure in the server's log.
  { ...fields, incident: Schema.String },
  { httpApiStatus: 500 }
) {
  override get message() {
    return this.detail
  }
}
/** 503: the storage or something else that is needed cannot be reached now. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", fields, { httpApiStatus: 503 }) {
  override get message() {
    return this.detail
  }
}
/** 507: the disk is full. */
export class StorageFull extends Schema.TaggedError<StorageFull>()("StorageFull", fields, { httpApiStatus: 507 }) {
  override get message() {
    return this.detail
  }
}

/** Every failure that an endpoint may answer. */
export const problems = [
  BadRequest.pipe(asProblem),
  Unauthorized.pipe(asProblem),
  NotAllowed.pipe(asProblem),
  NotFound.pipe(asProblem),
  MethodNotAllowed.pipe(asProblem),
  RequestTimeout.pipe(asProblem),
  Conflict.pipe(asProblem),
  Gone.pipe(asProblem),
  TooLarge.pipe(asProblem),
  UnsupportedMediaType.pipe(asProblem),
  WrongHost.pipe(asProblem),
  Unprocessable.pipe(asProblem),
  TooManyRequests.pipe(asProblem),
  HeadersTooLarge.pipe(asProblem),
  InternalFailure.pipe(asProblem),
  Unavailable.pipe(asProblem),
  StorageFull.pipe(asProblem)
] as const

/** Any failure of the API. */
export type Problem = (typeof problems)[number]["Type"]
