// What nobody expected: broken storage, which has its own explanation, and errors of the program, of which the caller learns only an
// id that finds them in the server's log.
import { randomUUID } from "node:crypto"
import { CipherFailed, DamagedLog, StorageFailure, type StorageReason } from "@fluxcybers/core"
import { Effect } from "effect"
import { InternalFailure, type Problem } from "../api/problem.ts"
import { problem } from "./problem.ts"

const STORAGE: Readonly<Record<StorageReason, 503 | 507>> = {
  "disk-full": 507,
  "read-only": 503,
  corrupted: 503,
  busy: 503,
  unavailable: 503,
  other: 503
}
const FRAMES_MAX = 12

/** Logs a defect and makes the problem that stands for it. */
export const problemOfDefect = Effect.fnUntraced(function* (defect: unknown): Effect.fn.Return<Problem> {
  const incident = randomUUID()
  yield* Effect.logError("A request failed", { incident, ...traceOf(defect) })
  if (defect instanceof StorageFailure && defect.reason !== "other") {
    return problem(STORAGE[defect.reason], `storage-${defect.reason}`, defect.message)
  }
  if (defect instanceof DamagedLog) return problem(503, "log-damaged", defect.message)
  if (defect instanceof CipherFailed) {
    return problem(
      503,
      `sealed-${defect.reason}`,
      `${defect.message} Look at incident ${incident} in the server's log.`
    )
  }
  const detail = `The server failed. The change was not made. Look for incident ${incident} in the server's log, and report it.`
  return new InternalFailure({
    type: "about:blank",
    title: "Internal Server Error",
    status: 500,
    detail,
    code: "internal",
    incident
  })
})

/**
 * Name, code and place of an error, without its message: messages of foreign code quote what they were given, and that may be a
 * secret or somebody's name.
 */
export const traceOf = (defect: unknown): Readonly<Record<string, unknown>> => {
  if (!(defect instanceof Error)) return { error: typeof defect }
  const code = "code" in defect && typeof defect.code === "string" ? { code: defect.code } : {}
  const frames = (defect.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line))
  return { error: defect.name, ...code, at: frames.slice(0, FRAMES_MAX).map((line) => line.trim()) }
}
