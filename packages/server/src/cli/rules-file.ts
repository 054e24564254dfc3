// A file of rules that the person wrote: YAML, JSON, or a module of JavaScript or TypeScript.
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import type { RuleDocument } from "@fluxcybers/executor"
import type { FileProblem, RulesRead } from "@fluxcybers/executor/rules"
import { Effect, Result } from "effect"
import { CliFailure, usageFailure } from "./failure.ts"
import { readBytes } from "./input.ts"

const FILE_BYTES_MAX = 1024 * 1024

/** What a file of rules says, or what is wrong with it; `-` is YAML on standard input. */
export const rulesFile = Effect.fnUntraced(function* (path: string) {
  const { readRules, readRuleValue } = yield* Effect.promise(() => import("@fluxcybers/executor/rules"))
  if (/\.[cm]?[jt]s$/.test(path)) return readRuleValue(yield* moduleRules(path))
  const bytes = yield* readBytes(path, FILE_BYTES_MAX)
  return readRules(new TextDecoder().decode(bytes))
})

/** The rules of a file that is sound, examples and all; fails with everything that is wrong with it. */
export const soundRules = Effect.fnUntraced(function* (path: string) {
  const read = yield* rulesFile(path)
  const problems = problemsOf(read)
  if (problems.length > 0) return yield* notSound(path, problems)
  return Result.getOrThrow(read).document satisfies RuleDocument
})

/** What is wrong with the form of the rules, or with what they say about their examples. */
export const problemsOf = (read: Result.Result<RulesRead, ReadonlyArray<FileProblem>>): ReadonlyArray<FileProblem> =>
  Result.isFailure(read) ? read.failure : read.success.failed

/** `rules.yaml:3:7: rules[0].require: …`, one a line. */
export const problemLines = (path: string, problems: ReadonlyArray<FileProblem>): string =>
  problems
    .map(({ line, column, field, message }) => {
      const place = line === undefined ? path : `${path}:${line}:${column}`
      return `${place}: ${field === undefined ? "" : `${field}: `}${message}`
    })
    .join("\n")

const moduleRules = (path: string) =>
  Effect.tryPromise({
    try: async () => {
      const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(path)).href)
      return module["rules"] ?? module["default"]
    },
    catch: (cause) =>
      usageFailure(`${path} could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`)
  })

const notSound = (path: string, problems: ReadonlyArray<FileProblem>) =>
  new CliFailure({
    exit: "usage",
    code: "rules-invalid",
    title: "Rules are wrong",
    detail: `${problemLines(path, problems)}\nNothing was changed.`
  })
