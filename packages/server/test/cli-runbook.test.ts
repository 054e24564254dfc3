// Runbooks on the command line: the guide's own example, from its file to what it wrote.
import { readFileSync } from "node:fs"
import { readRunbook } from "@fluxcybers/executor/rules"
import { Result } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Person, type ServedFolder, serveFolder } from "./cli-process.ts"

const TIMEOUT_MS = 60_000
const guide = readFileSync(new URL("../../../docs/how-to/runbooks.md", import.meta.url), "utf8")
const blocks = (kind: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, "gms"))].map(([, text]) => text!)
const [example = "", ...others] = blocks("yaml")
const lines = blocks("sh")[0]!.trim().split("\n")

/** The words behind `fluxcybers` of the guide's line that begins so. */
const words = (beginning: string): ReadonlyArray<string> =>
  lines
    .find((line) => line.startsWith(`fluxcybers ${beginning}`))!
    .split(" ")
    .slice(1)

describe("the guide to runbooks", { timeout: TIMEOUT_MS }, () => {
  let served: ServedFolder
  let owner: Person

  beforeAll(async () => {
    served = await serveFolder()
    owner = served.newcomer()
    await owner.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
  }, TIMEOUT_MS)

  afterAll(() => served.stop())

  it("has only runbooks that can be put", () => {
    for (const text of [example, ...others]) expect(Result.isSuccess(readRunbook(text))).toBe(true)
  })

  it("puts its example, shows it as a file that can be put again, uses it, and retires it", async () => {
    const path = served.file("disk-report.yaml", example)
    expect(await owner.ok(["runbook", "put", path, "--replaces", "0"])).toMatch(/^Saved disk-report@1, digest /)
    const shown = await owner.ok(words("runbook show"))
    expect(shown).toMatch(
      /^# disk-report@1, put .* by person_\w+\n# runbook_\w+, digest [0-9a-f]{64}\nname: disk-report\n/
    )
    expect(await owner.ok(["runbook", "put", "-"], { stdin: shown })).toMatch(/^Saved disk-report@1, /)
    const folder = served.file("x.txt", "x").replace(/\/[^/]*$/, "")
    const use = words("runbook use").map((word) => word.replace("folder=/var", `folder=${folder}`))
    const id = (await owner.ok([...use, "--detach"])).trim()
    const { plan, digest } = await owner.json(["executions", "show", id])
    expect(plan.runbook).toMatchObject({ name: "disk-report", version: 1, parameters: { folder, depth: "2" } })
    expect(await owner.ok(["executions", "show", id])).toMatch(
      /Runbook +disk-report version 1 +runbook_\w+\n +depth 2\n/
    )
    await owner.ok(["approve", id, "--yes", "--digest", digest])
    const { items } = await owner.json(["executions", "list"])
    expect(items[0]).toMatchObject({ id, state: expect.stringMatching(/granted|running|succeeded/) })
    expect(await owner.ok(words("runbook list"))).toMatch(/disk-report +1 +local +depth, folder +Shows how full/)
    await owner.ok(["runbook", "retire", "disk-report"])
    expect(await owner.run(use)).toMatchObject({ code: 4, stderr: expect.stringContaining("There is no runbook") })
  })

  it("is answered with what is wrong: a file by line and column, a value by its name", async () => {
    const wrong = served.file("wrong.yaml", example.replace("$parameter: depth", "$parameter: dept"))
    expect(await owner.run(["runbook", "put", wrong])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/wrong\.yaml:\d+:\d+: input\.env\.DEPTH: names the parameter "dept"/)
    })
    await owner.ok(["runbook", "put", served.file("again.yaml", example)])
    const refused = await owner.run(["runbook", "use", "disk-report", "--set", "folder=$(id)", "--detach"])
    expect(refused).toMatchObject({ code: expect.any(Number), stderr: expect.stringContaining("must fit the pattern") })
  })

  it("lets a schedule use it under a grant for exactly that", async () => {
    await owner.ok(["runbook", "put", served.file("scheduled.yaml", example.replace("disk-report", "scheduled"))])
    const asked = await owner.json(["grant", "runbook", "scheduled", "--set", "depth=2", "--uses", "3", "--for", "30d"])
    expect(asked).toMatchObject({ state: "pending", scope: { kind: "repeats", usesMax: 3 } })
    const use = ["--runbook", "scheduled", "--set", "depth=2", "--grant", asked.id]
    const added = await owner.ok([
      "schedule",
      "add",
      "nightly",
      ...use,
      "--cron",
      "30 2 * * *",
      "--zone",
      "Europe/Berlin"
    ])
    expect(added).toMatch(/^Added nightly \(schedule_\w+\)\. It fires next \d{4}-\d{2}-\d{2} 0[01]:30:00Z\.\n$/)
    expect(await owner.ok(["schedule", "list"])).toMatch(
      /nightly +active +scheduled@1 +30 2 \* \* \* Europe\/Berlin +\d{4}/
    )
    expect((await owner.json(["schedule", "next", "nightly", "--count", "2"])).instants).toHaveLength(2)
    expect(await owner.ok(["schedule", "remove", "nightly"])).toContain("nightly is removed")
  })
})
