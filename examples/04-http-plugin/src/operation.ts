// An operation of an API, as its OpenAPI document describes it: its place, and what it takes.

/** One operation, and where it is called. */
export interface Operation {
  readonly method: string
  /** `/invoices/{id}/void` */
  readonly path: string
  readonly summary: string
  readonly parameters: ReadonlyArray<Parameter>
  readonly takesBody: boolean
}

interface Parameter {
  readonly name: string
  readonly in: "path" | "query"
  readonly required: boolean
}

/** The part of an OpenAPI 3.1 document that is read here. */
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>
}

interface DocumentOperation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: string; readonly required?: boolean }>
  readonly requestBody?: unknown
}

/** All operations of a document, by their `operationId`. */
export const operationsOf = ({ paths }: Document): ReadonlyMap<string, Operation> =>
  new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, summary, parameters = [], requestBody }]) => [
        operationId,
        {
          method: method.toUpperCase(),
          path,
          summary,
          takesBody: requestBody !== undefined,
          parameters: parameters.map(parameterOf)
        }
      ])
    )
  )

const parameterOf = (given: { readonly name: string; readonly in: string; readonly required?: boolean }): Parameter => {
  if (given.in !== "path" && given.in !== "query") throw new Error(`A parameter in "${given.in}" is not supported.`)
  return { name: given.name, in: given.in, required: given.required ?? false }
}

/** Path and query of a call. Throws when a parameter is missing or unknown. */
export const targetOf = (operation: Operation, values: Readonly<Record<string, string>>): string => {
  const unknown = Object.keys(values).find((name) => !operation.parameters.some((parameter) => parameter.name === name))
  if (unknown !== undefined) throw new Error(`The operation has no parameter "${unknown}".`)
  const missing = operation.parameters.find(({ name, required }) => required && values[name] === undefined)
  if (missing !== undefined) throw new Error(`The parameter "${missing.name}" is wanted.`)
  // A name that means another place (".", "..") would change which operation is called.
  const dotted = operation.parameters.find(
    (parameter) => parameter.in === "path" && /^\.{0,2}$/.test(values[parameter.name] ?? "")
  )
  if (dotted !== undefined) throw new Error(`The parameter "${dotted.name}" cannot be "${values[dotted.name]}".`)
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""))
  const query = new URLSearchParams(
    operation.parameters.flatMap((parameter): Array<[string, string]> => {
      const value = values[parameter.name]
      return parameter.in === "query" && value !== undefined ? [[parameter.name, value]] : []
    })
  )
  return query.size === 0 ? path : `${path}?${query}`
}
