// Inputs for the conformance cases as data: the file `conformance.json` beside a plugin.
import { Result, Schema } from "effect"
import { PinnedTarget } from "../plan.ts"
import type { ExecutorSubject } from "./subject.ts"

/** Stands for the name of a secret in the input that prints it. */
const SECRET_PLACE = "$SECRET"

const Inputs = Schema.NonEmptyArray(Schema.Unknown)

const Cases = Schema.Struct({
  valid: Inputs,
  invalid: Inputs,
  failing: Schema.optionalKey(Inputs),
  printing: Schema.optionalKey(Schema.Unknown),
  endless: Schema.optionalKey(Schema.Unknown),
  flooding: Schema.optionalKey(Schema.Unknown),
  secrets: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  target: Schema.optionalKey(PinnedTarget)
})

const CasesFile = Schema.fromJsonString(Schema.Record(Schema.String, Cases))
const decode = Schema.decodeUnknownResult(CasesFile, { errors: "all", onExcessProperty: "error" })

/** What a file says to try an executor with. */
export type ExecutorInputs = Omit<ExecutorSubject, "make">

/**
 * Reads a `conformance.json`: an object that has, for each id of an executor, the inputs of an `ExecutorSubject`: `valid` and `invalid`, and
 * if there are any `failing`, `printing`, `endless`, `flooding`, `secrets` and `target`. A text `$SECRET` in `printing` stands for the
 * secret's name. Fails with what is wrong, as a sentence for whoever wrote the file.
 */
export const readConformance = (text: string): Result.Result<ReadonlyMap<string, ExecutorInputs>, string> =>
  Result.mapBoth(decode(text), {
    onFailure: (error) => String(error.message),
    onSuccess: (file) => new Map(Object.entries(file).map(([id, cases]) => [id, inputsOf(cases)]))
  })

const inputsOf = ({ target, secrets, printing, ...inputs }: typeof Cases.Type): ExecutorInputs => ({
  ...inputs,
  ...(target === undefined ? {} : { target: () => target }),
  ...(secrets === undefined ? {} : { secrets: () => secrets }),
  ...(printing === undefined ? {} : { printing: (secret) => named(printing, secret) })
})

const named = (value: unknown, secret: string): unknown => {
  if (value === SECRET_PLACE) return secret
  if (Array.isArray(value)) return value.map((each) => named(each, secret))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, named(each, secret)]))
}
