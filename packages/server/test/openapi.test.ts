// What a program reads at /api/v1/openapi.json.
import { OpenApi } from "effect/http-api"
import { describe, expect, it } from "vitest"
import { Api } from "../src/api/api.ts"

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly items?: Schema
  readonly properties?: { readonly items?: Schema }
}
interface Operation {
  readonly operationId: string
  readonly summary?: string
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>
}

const { paths } = OpenApi.fromApi(Api)
const operations = Object.values(paths).flatMap((methods) => Object.values(methods) as unknown as Array<Operation>)

/** A schema of its own by name, a list of such, or a page of such. */
const isNamed = (schema: Schema): boolean =>
  schema.$ref !== undefined ||
  (schema.type === "array" && isNamed(schema.items!)) ||
  (schema.properties?.items !== undefined && isNamed(schema.properties.items))

describe("the description of the API", () => {
  it.each(operations)("says in a sentence what $operationId does", ({ summary }) => {
    expect(summary).toMatch(/^[A-Z].{8,}[^.]$/)
  })

  it.each(operations)("names what $operationId answers and how it fails", ({ responses }) => {
    const bodies = Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.entries(content)
        .filter(([contentType]) => /json$/.test(contentType))
        .map(([, { schema }]) => ({ status, schema }))
    )
    expect(bodies.filter(({ schema }) => !isNamed(schema))).toEqual([])
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(["400", "500", "507"]))
  })
})
