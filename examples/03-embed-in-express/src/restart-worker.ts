// What this application lets people ask for: that one of its workers is restarted.
import { defineExecutor } from "@fluxcybers/executor/promise"

const WORKERS: ReadonlyArray<string> = ["mail", "invoices"]

/** Restarts are real work somewhere else; here they are a line of output. */
export const restartWorker = defineExecutor({
  id: "shop.restart-worker",
  version: "1",
  summary: "Restarts one of our background workers.",
  parse: (input) => {
    const worker = typeof input === "object" && input !== null && "worker" in input ? input.worker : undefined
    const known = WORKERS.find((name) => name === worker)
    if (known === undefined) throw new Error(`There is no worker of that name. There are: ${WORKERS.join(", ")}.`)
    return { worker: known }
  },
  plan: ({ worker }) => ({
    command: { _tag: "Argv", argv: ["restart", worker] },
    access: "write",
    sentence: `Restarts the worker "${worker}".`,
    timeoutMs: 60_000
  }),
  run: async ({ plan, output }) => {
    const worker = plan.command._tag === "Argv" ? plan.command.argv[1] : undefined
    await output("stdout", `worker ${worker} restarted\n`)
    return { exitCode: 0 }
  }
})
