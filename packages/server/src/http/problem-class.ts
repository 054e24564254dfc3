// The classes of problems by their statuses.
import * as Api from "../api/problem.ts"

const CLASSES = {
  400: [Api.BadRequest, "Bad Request"],
  401: [Api.Unauthorized, "Unauthorized"],
  403: [Api.NotAllowed, "Forbidden"],
  404: [Api.NotFound, "Not Found"],
  405: [Api.MethodNotAllowed, "Method Not Allowed"],
  408: [Api.RequestTimeout, "Request Timeout"],
  409: [Api.Conflict, "Conflict"],
  410: [Api.Gone, "Gone"],
  413: [Api.TooLarge, "Content Too Large"],
  415: [Api.UnsupportedMediaType, "Unsupported Media Type"],
  421: [Api.WrongHost, "Misdirected Request"],
  422: [Api.Unprocessable, "Unprocessable Content"],
  429: [Api.TooManyRequests, "Too Many Requests"],
  431: [Api.HeadersTooLarge, "Request Header Fields Too Large"],
  503: [Api.Unavailable, "Service Unavailable"],
  507: [Api.StorageFull, "Insufficient Storage"]
} as const

/** The statuses that problems have. */
export type Status = keyof typeof CLASSES

/** A problem of the given status (RFC 9457; the titles are those of RFC 9110). */
export const problem = (status: Status, code: string, detail: string): Api.Problem => {
  const [Class, title] = CLASSES[status]
  return new Class({ type: "about:blank", title, status, detail, code })
}
