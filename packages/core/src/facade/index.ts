// Subpath `@fluxcybers/core/facade`: what the Promise facades of all packages share. Effect types are welcome here and nowhere in a facade.
export { type DatabaseChoice, loadDatabase, loadDriver } from "./drivers.ts"
export { type FacadeRuntime, runAsPromise, startRuntime } from "./runtime.ts"
