import { defineConfig } from "vitest/config"
import "./repo/scripts/node-version.ts"

// As Node.js resolves: no "module", which only bundlers know.
const conditions = ["@fluxcybers/source", "node", "default"]
const packages = ["core", "vault", "executor", "privacy", "server", "create-executor"]

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    globalSetup: ["./repo/testing/setup.ts"],
    reporters: ["default", "./repo/testing/plain-reporter.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Much of a test is waiting for processes of its own: with two cores, vitest would use one.
    maxWorkers: "100%",
    projects: [
      ...packages.map((name) => ({
        extends: true as const,
        test: {
          name,
          root: `packages/${name}`,
          include: ["test/**/*.test.ts"],
          globalSetup: name === "server" ? [new URL("repo/testing/command.ts", import.meta.url).pathname] : []
        }
      })),
      { extends: true as const, test: { name: "examples", include: ["examples/*/test/**/*.test.ts"] } },
      { extends: true as const, test: { name: "repo", root: "repo", include: ["*.test.ts"] } }
    ]
  }
})
