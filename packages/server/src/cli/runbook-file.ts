// A file of a runbook that the person wrote: YAML or JSON.
import { Effect, Result } from "effect"
import { CliFailure } from "./failure.ts"
import { readBytes } from "./input.ts"
import { problemLines } from "./rules-file.ts"

const FILE_BYTES_MAX = 1024 * 1024

/** The runbook of a file that is well formed; fails with everything that is wrong with it. `-` is standard input. */
export const soundRunbook = Effect.fnUntraced(function* (path: string) {
  const { readRunbook } = yield* Effect.promise(() => import("@fluxcybers/executor/rules"))
  const read = readRunbook(new TextDecoder().decode(yield* readBytes(path, FILE_BYTES_MAX)))
  if (Result.isSuccess(read)) return read.success
  return yield* new CliFailure({
    exit: "usage",
    code: "runbook-invalid",
    title: "The runbook is wrong",
    detail: `${problemLines(path, read.failure)}\nNothing was changed.`
  })
})
