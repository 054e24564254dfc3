// The HTTP API as text, from its OpenAPI description: one paragraph an endpoint, then the named schemas.

const LINE_LENGTH_MAX = 100

/** The parts of an OpenAPI 3.1 document that are shown. */
export interface HttpDescription {
  readonly paths: Readonly<Record<string, unknown>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}

interface Endpoint {
  readonly operationId: string
  readonly parameters?: ReadonlyArray<{ readonly in: string; readonly name: string; readonly schema: unknown }>
  readonly requestBody?: { readonly content: Contents }
  readonly responses: Readonly<Record<string, { readonly content?: Contents }>>
}
type Contents = Readonly<Record<string, { readonly schema: unknown }>>

/** Endpoints in the order of their paths; schemas by name. */
export const httpSurface = ({ paths, components }: HttpDescription): string => {
  const endpoints = Object.entries(paths as Record<string, Record<string, Endpoint>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, endpoint]) => paragraph(`${method.toUpperCase()} ${path}`, endpoint))
  )
  const schemas = Object.entries(components.schemas).map(([name, schema]) => `# ${name}\n${text(schema)}`)
  return `${[...endpoints.sort(), ...schemas.sort()].join("\n\n")}\n`
}

const paragraph = (title: string, { operationId, parameters, requestBody, responses }: Endpoint): string => {
  const statuses = Object.entries(responses)
  const problems = statuses.filter(([status]) => Number(status) >= 400).map(([status]) => status)
  return [
    `# ${title}  (${operationId})`,
    ...(parameters ?? []).map((each) => `${each.in} ${each.name} ${text(each.schema)}`),
    ...bodies("body", requestBody?.content),
    ...statuses.filter(([status]) => Number(status) < 400).flatMap(([status, { content }]) => bodies(status, content)),
    `problems ${problems.join(" ")}`
  ].join("\n")
}

const bodies = (label: string, content: Contents | undefined): ReadonlyArray<string> => {
  const each = Object.entries(content ?? {}).map(([type, { schema }]) => `${label} ${type} ${text(schema)}`)
  return each.length > 0 || label === "body" ? each : [label]
}

/** On one line where it fits, otherwise a line for each member, so that a difference is small. */
const text = (schema: unknown): string => {
  const line = JSON.stringify(schema)
  return line.length <= LINE_LENGTH_MAX ? line : JSON.stringify(schema, null, 1)
}
