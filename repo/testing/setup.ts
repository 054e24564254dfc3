// vitest's global setup: one PostgreSQL cluster for each kind that this machine has, for all test files.
import type { TestProject } from "vitest/node"
import { startCluster } from "./postgres-cluster.ts"
import { INSTALL_COMMAND, missingPrograms, systemBinaries } from "./system-programs.ts"

declare module "vitest" {
  export interface ProvidedContext {
    readonly postgresRegistryUrl: string
    readonly postgresSystemUrl: string | undefined
    /** The file that npm would link as `fluxcybers`; in the tests of the server (command.ts). */
    readonly commandFile: string
  }
}

export default async (project: TestProject) => {
  refuseGapsInCi()
  const [registry, system] = await Promise.all([
    startCluster("registry"),
    systemBinaries() === undefined ? undefined : startCluster("system")
  ])
  project.provide("postgresRegistryUrl", registry.url)
  project.provide("postgresSystemUrl", system?.url)
  return async () => {
    await Promise.all([registry.stop(), system?.stop()])
  }
}

/** On a developer's machine suites may be left out; in CI that would be a green that proves nothing. */
const refuseGapsInCi = () => {
  const missing = missingPrograms()
  if (process.env["CI"] === "true" && missing.length > 0) {
    throw new Error(`CI runs every suite, and ${missing.join(", ")} is not installed. Install with: ${INSTALL_COMMAND}`)
  }
}
