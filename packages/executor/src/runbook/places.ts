// The places in a runbook's input where parameters go: whole values, or pieces joined to one value. Never keys, and never a text that a
// shell reads.
import { Result } from "effect"
import type { Parameter } from "./parameter.ts"

/** `{ $parameter: name }` is its text; `{ $integer: name }` its number; `{ $join: [text, place, …] }` one text of several. */
export type Place =
  | { readonly _tag: "Text"; readonly name: string }
  | { readonly _tag: "Integer"; readonly name: string }
  | { readonly _tag: "Join"; readonly pieces: ReadonlyArray<string | { readonly name: string }> }

/** Where something stands in the document. */
export type Path = ReadonlyArray<string | number>

/** What is wrong with a place. */
export interface PlaceProblem {
  readonly path: Path
  readonly message: string
}

const DEPTH_MAX = 30

/** The place that this value is; `undefined` when it is an ordinary value. */
export const placeOf = (value: unknown): Result.Result<Place | undefined, string> => {
  const record = asRecord(value)
  const marks = record === undefined ? [] : Object.keys(record).filter((key) => key.startsWith("$"))
  if (record === undefined || marks.length === 0) return Result.succeed(undefined)
  const [mark] = marks
  if (Object.keys(record).length > 1) return Result.fail(`stands beside other fields: ${mark} must be alone`)
  const content = record[mark!]
  if (mark === "$parameter" && typeof content === "string") return Result.succeed({ _tag: "Text", name: content })
  if (mark === "$integer" && typeof content === "string") return Result.succeed({ _tag: "Integer", name: content })
  const pieces = mark === "$join" && Array.isArray(content) ? content.map(pieceOf) : [undefined]
  return pieces.some((piece) => piece === undefined)
    ? Result.fail("must be { $parameter: name }, { $integer: name } or { $join: [text or { $parameter: name }, …] }")
    : Result.succeed({ _tag: "Join", pieces: pieces.filter((piece) => piece !== undefined) })
}

const pieceOf = (value: unknown): string | { readonly name: string } | undefined => {
  if (typeof value === "string") return value
  const record = asRecord(value)
  const name = record?.["$parameter"]
  return record !== undefined && typeof name === "string" && Object.keys(record).length === 1 ? { name } : undefined
}

/** Everything that is wrong with the places in it; `used` gets the names of the parameters that stand there. */
export const placeProblems = (
  value: unknown,
  parameters: Readonly<Record<string, Parameter>>,
  used: Set<string>,
  path: Path = []
): ReadonlyArray<PlaceProblem> => {
  if (path.length > DEPTH_MAX) return [{ path, message: `is nested more than ${DEPTH_MAX} deep` }]
  const place = placeOf(value)
  if (Result.isFailure(place)) return [{ path, message: place.failure }]
  if (place.success !== undefined) return problemsOf(place.success, parameters, used, path)
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(asRecord(value) ?? {})
  return entries.flatMap(([key, item]) => placeProblems(item, parameters, used, [...path, key]))
}

const problemsOf = (
  place: Place,
  parameters: Readonly<Record<string, Parameter>>,
  used: Set<string>,
  path: Path
): ReadonlyArray<PlaceProblem> => {
  const names = namesIn(place)
  for (const name of names) used.add(name)
  if (path.at(-1) === "script") return [{ path, message: NOT_IN_A_SCRIPT }]
  const unknown = names.find((name) => !Object.hasOwn(parameters, name))
  if (unknown !== undefined) return [{ path, message: `names the parameter "${unknown}", which is not declared` }]
  return place._tag === "Integer" && parameters[place.name]?.type !== "integer"
    ? [{ path, message: `names "${place.name}", which is no integer` }]
    : []
}

const NOT_IN_A_SCRIPT =
  'is a script, which takes no parameters: a shell would read them. Put them into "env", and write "$NAME" in the script'

const namesIn = (place: Place): ReadonlyArray<string> =>
  place._tag === "Join"
    ? place.pieces.flatMap((piece) => (typeof piece === "string" ? [] : [piece.name]))
    : [place.name]

/** The value with every place filled in. The document was checked: each name has a value. */
export const fillIn = (value: unknown, values: Readonly<Record<string, string>>): unknown => {
  const place = Result.getOrThrow(placeOf(value))
  if (place !== undefined) return filled(place, values)
  if (Array.isArray(value)) return value.map((item: unknown) => fillIn(item, values))
  const record = asRecord(value)
  return record === undefined
    ? value
    : Object.fromEntries(Object.entries(record).map(([key, item]) => [key, fillIn(item, values)]))
}

const filled = (place: Place, values: Readonly<Record<string, string>>): string | number => {
  if (place._tag === "Integer") return Number(values[place.name]!)
  if (place._tag === "Text") return values[place.name]!
  return place.pieces.map((piece) => (typeof piece === "string" ? piece : values[piece.name]!)).join("")
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
