import { Effect } from "effect"
import { afterAll, beforeAll, describe } from "vitest"
import { localExecutor } from "../src/local.ts"
import { sshExecutor } from "../src/ssh/index.ts"
import { type ExecutorSubject, executorSuite } from "../src/testing/index.ts"
import { commandLines } from "./process-list.ts"
import { openSsh, ourServer, type RunningServer } from "./ssh-servers.ts"

/** Nobody else sleeps so long. */
const SECONDS = 4_711

const commands: Pick<
  ExecutorSubject,
  "valid" | "invalid" | "failing" | "printing" | "endless" | "flooding" | "leftovers"
> = {
  valid: [
    { argv: ["echo", "it's"] },
    { script: "exit 0", cwd: "/", env: { A: "b" }, timeoutMs: 10_000 },
    { argv: ["cat"], stdin: "text" }
  ],
  invalid: [
    {},
    { argv: [] },
    { argv: "ls" },
    { argv: ["a\0b"] },
    { script: "true", argv: ["true"] },
    { script: "true", unknown: 1 },
    { argv: ["true"], env: { A: 1 } },
    null
  ],
  failing: [{ argv: ["no-such-program"] }, { argv: ["true"], cwd: "/no/such/folder" }],
  printing: (secret) => ({ script: 'echo "$TOKEN"; echo "$TOKEN" | base64 >&2', secretEnv: { TOKEN: secret } }),
  endless: { script: `sleep ${SECONDS} & sleep ${SECONDS}`, timeoutMs: 1_000 },
  flooding: { argv: ["yes"], outputBytesMax: 1_000_000 },
  leftovers: async () => commandLines().filter((line) => line === `sleep ${SECONDS}`)
}

executorSuite("local", { ...commands, make: Effect.succeed(localExecutor) })

for (const { name, isInstalled, start } of [ourServer, openSsh]) {
  // OpenSSH's sshd is not on every machine; the closing summary says how to install it.
  describe.skipIf(!isInstalled)(`against ${name}`, () => {
    let server: RunningServer
    beforeAll(async () => {
      server = await start()
    })
    afterAll(() => server?.stop())
    executorSuite("ssh", {
      ...commands,
      make: sshExecutor(),
      target: () => server.target,
      secrets: () => server.secrets
    })
  })
}
