// vitest's global setup: one PostgreSQL cluster for each kind that this machine has, for all test files.
import type { TestProject } from "vitest/node"
import { startCluster, systemBinaries } from "./postgres-cluster.ts"

declare module "vitest" {
  export interface ProvidedContext {
    readonly postgresRegistryUrl: string
    readonly postgresSystemUrl: string | undefined
  }
}

export default async (project: TestProject) => {
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
