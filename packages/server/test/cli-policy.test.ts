// Rules on the command line: files that need no server.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Person, person, type ServedFolder, serveFolder } from "./cli-process.ts"

let home: string
let somebody: Person

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "fluxcybers-policy-"))
  somebody = person(home)
})

afterAll(() => rmSync(home, { recursive: true, force: true }))

const file = (name: string, text: string): string => {
  const path = join(home, name)
  writeFileSync(path, text)
  return path
}

const RULES = `name: acme
rules:
  - name: reads
    when: { access: [read] }
    require: nobody
    examples: { match: [{ command: uptime }], noMatch: [{ command: reboot }] }
`

describe("fluxcybers policy test", () => {
  it("says that rules are well formed and that their examples hold", async () => {
    const path = file("good.yaml", RULES)
    expect(await somebody.ok(["policy", "test", path])).toBe("1 rules are well formed, and 2 examples hold.\n")
    expect(await somebody.json(["policy", "test", path])).toEqual({
      file: path,
      ok: true,
      rules: 1,
      examples: 2,
      problems: []
    })
  })

  it("exits with 1 when an example does not hold, and names its line", async () => {
    const path = file("shadowed.yaml", RULES.replace("command: uptime", "command: reboot"))
    const { code, stdout } = await somebody.run(["policy", "test", path])
    expect(code).toBe(1)
    expect(stdout.toString()).toBe(
      `${path}:6:25: rules[0].examples.match[0]: the rule "reads" does not match: the access is destroy, not read\n`
    )
  })

  it("exits with 2 when the file is wrong, and says what is allowed", async () => {
    const path = file("wrong.yaml", RULES.replace("nobody", "somebody"))
    const { code, stdout, stderr } = await somebody.run(["policy", "test", "--json", path])
    expect(code).toBe(2)
    expect(JSON.parse(stdout.toString())).toMatchObject({
      ok: false,
      problems: [
        { line: 5, column: 5, field: "rules[0].require", message: expect.stringContaining('must be "nobody" or') }
      ]
    })
    expect(JSON.parse(stderr)).toMatchObject({ code: "rules-invalid", exit: 2 })
    expect((await somebody.run(["policy", "test", join(home, "nothing.yaml")])).code).toBe(2)
  })

  it("reads rules that are written in TypeScript", async () => {
    const rules = `export const rules: object = { name: "typed", rules: [{ name: "all", require: "nobody" as const }] }\n`
    expect(await somebody.ok(["policy", "test", file("rules.ts", rules)])).toContain("1 rules are well formed")
    const broken = await somebody.run(["policy", "test", file("broken.ts", rules.replace('"nobody"', '"x"'))])
    expect(broken).toMatchObject({ code: 2 })
    expect(broken.stdout.toString()).toContain("broken.ts: rules[0].require: must be")
  })
})

/** Each command is a process of its own. */
const TIMEOUT_MS = 240_000

describe("rules in force", { timeout: TIMEOUT_MS }, () => {
  let served: ServedFolder
  let owner: Person

  beforeAll(async () => {
    served = await serveFolder()
    owner = served.newcomer()
    await owner.ok(["login", "--link", served.ownerLink, "--name", "Ada"])
  })

  afterAll(() => served.stop())

  it("are shown as a file that can be put again, and put in versions", async () => {
    const shipped = await owner.ok(["policy", "show"])
    expect(shipped).toContain("# solo@1, ships with FluxCybers\n")
    expect(await owner.ok(["policy", "test", "-"], { stdin: shipped })).toContain("3 rules are well formed")
    const path = served.file("rules.yaml", RULES)
    expect(await owner.ok(["policy", "put", path, "--replaces", "0"])).toMatch(
      /^In force: acme@1, digest [0-9a-f]{64}\.\n$/
    )
    const other = served.file("other.yaml", RULES.replace("name: acme", "name: other"))
    expect(await owner.run(["policy", "put", other, "--replaces", "0"])).toMatchObject({ code: 5 })
    expect(await owner.json(["policy", "put", other])).toMatchObject({ name: "other", version: 2 })
    expect(await owner.ok(["policy", "show", "1"])).toContain("# acme@1, put ")
    const versions = (await owner.json(["policy", "history"])).map(({ version }: { version: number }) => version)
    expect(versions).toEqual([2, 1])
    expect(await owner.run(["policy", "show", "9"])).toMatchObject({ code: 4 })
    const wrong = await owner.run(["policy", "put", served.file("wrong.yaml", "rules: []")])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("wrong.yaml:1:1: name: is missing") })
  })

  it("are explained and simulated", async () => {
    const rules = RULES.replace("examples: { match", "x: { match").replace(/ {4}x: .*\n/, "")
    const people = `  - { name: rest, require: { people: [{ count: 1, roles: [owner] }], requester: must-confirm } }\n`
    await owner.ok(["policy", "put", served.file("people.yaml", rules + people)])
    const { execution } = {
      execution: (await owner.ok(["run", "--executor", "local", "--detach", "--", "touch", "/tmp/x"])).trim()
    }
    const explained = await owner.ok(["policy", "explain", execution])
    expect(explained).toContain("  reads: no, the access is write, not read\n  rest: matches\n")
    expect(explained).toMatch(/\(person_\w+\), owner: can approve\n/)
    expect(await owner.ok(["policy", "explain", "--executor", "local", "--", "uptime"])).toContain("  reads: matches\n")
    const simulated = await owner.ok([
      "policy",
      "simulate",
      served.file("open.yaml", "name: open\nrules: [{ name: all, require: nobody }]\n")
    ])
    expect(simulated).toContain("1 executions in 90 days: 0 the same, 1 changed.\n  People → Nobody: 1\n")
    expect(simulated).toContain(execution)
  })

  it("let a command run once that was approved in advance", async () => {
    const command = ["--", "touch", join(home, "granted")]
    const asked = await owner.json(["grant", "request", "--executor", "local", "--for", "1h", ...command])
    expect(await owner.ok(["grant", "show", asked.id])).toContain(`  write: touch ${join(home, "granted")}`)
    expect(await owner.run(["grant", "approve", asked.id, "--digest", "0"])).toMatchObject({ code: 7 })
    await owner.ok(["grant", "approve", asked.id, "--digest", asked.digest])
    expect(await owner.ok(["run", "--executor", "local", ...command])).toBe("")
    expect(existsSync(join(home, "granted"))).toBe(true)
    expect(await owner.ok(["grant", "list"])).toMatch(/active +commands +person_\w+ +1 of 1/)
    expect(await owner.ok(["grant", "revoke", asked.id])).toContain("Revoked")
  })

  it("let an owner break the glass, loudly, and another person reviews it", async () => {
    const broken = `name: emergency
breakGlass: { roles: [owner], reviewWithinHours: 1 }
rules: [{ name: two, require: { people: [{ count: 2, roles: [admin] }] } }]
`
    await owner.ok(["policy", "put", served.file("emergency.yaml", broken)])
    const command = ["--", "echo", "saved"]
    const silent = await owner.run(["run", "--executor", "local", "--break-glass", ...command])
    expect(silent).toMatchObject({ code: 242, stderr: expect.stringContaining("must say why") })
    const loud = await owner.run([
      "run",
      "--quiet",
      "--executor",
      "local",
      "--break-glass",
      "--reason",
      "on fire",
      ...command
    ])
    expect(loud).toMatchObject({ code: 0, stderr: expect.stringContaining("GLASS BROKEN. It runs now") })
    expect(loud.stdout.toString()).toBe("saved\n")
    expect(await owner.ok(["executions", "list", "--limit", "1"])).toContain("succeeded, GLASS BROKEN")
    const [{ execution }] = await owner.json(["policy", "reviews"])
    const shown = await owner.ok(["executions", "show", execution])
    expect(shown).toContain("GLASS BROKEN")
    expect(shown).toContain("on fire")
    const doctor = await owner.run(["doctor"])
    expect(doctor.stdout.toString()).toContain("1 open, none overdue")
    const close = ["policy", "close-review", execution, "--conclusion", "It was on fire"]
    expect(await owner.run(close)).toMatchObject({ code: 3 })
    const token = await owner.ok(["member", "add", "Bob", "--role", "auditor"])
    const bob = served.newcomer()
    await bob.ok(["login", "--url", served.url], { stdin: token })
    expect(await bob.ok(close)).toContain("Closed the review")
    expect(await owner.ok(["policy", "reviews"])).toBe("No review is open.\n")
    expect(await owner.ok(["policy", "reviews", "--all"])).toContain("closed by Bob")
  })
})
