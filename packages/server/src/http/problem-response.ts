// Problems that the host answers by itself, before or after the API.
import type { Problem } from "../api/problem.ts"
import { problem } from "./problem.ts"

export const PROBLEM_CONTENT_TYPE = "application/problem+json"

export const problemResponse = (problem: Problem, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(problemText(problem), {
    status: problem.status,
    headers: { "content-type": PROBLEM_CONTENT_TYPE, ...headers }
  })

export const problemText = (problem: Problem): string => {
  const { _tag, type, title, status, detail, code } = problem
  const incident = problem._tag === "InternalFailure" ? { incident: problem.incident } : {}
  return JSON.stringify({ _tag, type, title, status, detail, code, ...incident })
}

/** Replaces a failure that some layer below answered without words. */
export const withProblem = (response: Response): Response => {
  if (response.status < 400 || response.headers.get("content-type")?.startsWith(PROBLEM_CONTENT_TYPE)) return response
  return problemResponse(WORDLESS[response.status] ?? problem(400, "bad-request", "The request cannot be understood."))
}

const WORDLESS: Readonly<Record<number, Problem>> = {
  404: problem(
    404,
    "no-such-address",
    "There is nothing at this address. The API is described at /api/v1/openapi.json."
  ),
  415: problem(415, "not-json", 'The body must be JSON: send it with "Content-Type: application/json".'),
  500: problem(503, "failed", "The server could not answer. Look into its log.")
}

export const NO_SUCH_ADDRESS = WORDLESS[404]!
export const NOT_JSON = WORDLESS[415]!
