// The paths and methods of the API, read from its declaration: the host knows from them what exists (404) and how it can be used (405).
import { HttpApi } from "effect/http-api"
import { Api } from "../api/api.ts"

export interface Route {
  /** `/api/v1/targets/:target`. */
  readonly path: string
  readonly methods: ReadonlyArray<string>
}

export const OPENAPI_PATH = "/api/v1/openapi.json"

/** One entry a path; HEAD goes with GET. */
export const apiRoutes = (): ReadonlyArray<Route> => {
  const methods = new Map<string, Array<string>>([[OPENAPI_PATH, ["GET", "HEAD"]]])
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => {
      const known = methods.get(endpoint.path) ?? []
      methods.set(endpoint.path, [...known, ...(endpoint.method === "GET" ? ["GET", "HEAD"] : [endpoint.method])])
    }
  })
  return [...methods].map(([path, allowed]) => ({ path, methods: allowed }))
}
