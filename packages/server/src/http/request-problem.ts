// A request that does not fit the API: which part, and what was expected there. Never the value: it may be a secret.
import { SchemaIssue } from "effect"
import type { HttpApiError } from "effect/http-api"
import { BadRequest } from "../api/problem.ts"

const ISSUES_MAX = 20
const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** `undefined` when it was the server's own answer that does not fit. */
export const problemOfRequest = (error: HttpApiError.HttpApiSchemaError): BadRequest | undefined => {
  if (error.kind === "Body" || error.kind === "ResponseHeaders") return undefined
  const part = PARTS[error.kind]
  const errors = format(error.cause.issue)
    .issues.slice(0, ISSUES_MAX)
    .map(({ path, message }) => ({ path: [part, ...(path ?? []).map(segment)], message }))
  const detail = errors.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")
  return new BadRequest({
    type: "about:blank",
    title: "Bad Request",
    status: 400,
    detail: `The request does not fit. ${detail}. Nothing was changed.`,
    code: "invalid-request",
    errors
  })
}

const PARTS = { Params: "path", Headers: "headers", Query: "query", Payload: "body" } as const

const segment = (part: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const key = typeof part === "object" ? part.key : part
  return typeof key === "number" ? key : String(key)
}
