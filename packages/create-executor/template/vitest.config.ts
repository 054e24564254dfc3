import { defineConfig } from "vitest/config"

export default defineConfig({
  ssr: { resolve: { conditions: ["{{condition}}", "node", "default"] } },
  test: { include: ["test/**/*.test.ts"] }
})
