import { randomBytes } from "node:crypto"
import { mkdtemp } from "node:fs/promises"
import { createGate, localExecutor, newAgent, newPerson } from "@fluxcybers/executor/promise"

const ada = newPerson()
await using gate = await createGate({
  sqlite: `${await mkdtemp("/tmp/gate-")}/gate.db`,
  key: randomBytes(32),
  executors: [localExecutor],
  members: [{ person: ada, roles: ["owner"] }]
})

// An agent proposes. Nothing runs yet, and the agent can never approve.
const proposal = await gate.propose({
  by: { agent: newAgent(), person: ada },
  executor: "local",
  input: { argv: ["echo", "$HOME is not expanded: no shell"] }
})
console.log("proposed", proposal.plan.sentence)
console.log("digest  ", proposal.digest)

// Ada approves exactly this digest. It runs once, and what it writes is recorded.
await gate.approve(proposal, { by: ada, reason: "harmless" })
for await (const { text } of gate.output(proposal.id)) console.log("output  ", text.trimEnd())

const { state } = await gate.wait(proposal.id)
const { size, problems } = await gate.verifyLog()
console.log("ended   ", state)
console.log("log     ", size, "entries,", problems.length, "problems")
