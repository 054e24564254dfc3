// Every command explains itself, and a wrong command line is answered with what is wrong.
import { readFileSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Exit, Layer } from "effect"
import { CliOutput, Command, type HelpDoc } from "effect/cli"
import { describe, expect, it } from "vitest"
import { ending, invocation } from "../src/cli/ending.ts"
import { helpPage } from "../src/cli/help-page.ts"
import { Questions } from "../src/cli/questions.ts"
import { root } from "../src/cli/root.ts"
import { StopSignals } from "../src/cli/signals.ts"

type Path = ReadonlyArray<string>

/** Every command that does something, by its words. */
const leaves = (command: Command.Command.Any, path: Path = []): ReadonlyArray<Path> => {
  const children = command.subcommands.flatMap(({ commands }) => [...commands])
  return children.length === 0 ? [path] : children.flatMap((child) => leaves(child, [...path, child.name]))
}

const commands = leaves(root)

/** Parses a command line without running it; what the presenter was told, and the exit status. */
const told = async (args: Path) => {
  const events: Array<CliOutput.Presenter.Event> = []
  const presenter = CliOutput.layerPresenter({ present: (event) => Effect.sync(() => void events.push(event)) })
  const layers = Layer.mergeAll(
    NodeServices.layer,
    Questions.layer,
    presenter,
    StopSignals.layer(() => {})
  )
  const exit = await Effect.runPromiseExit(Effect.provide(Command.runWith(root, { version: "0" })(args), layers))
  return { events, status: Exit.isSuccess(exit) ? 0 : ending(exit.cause, invocation(args), undefined) }
}

const helpOf = async (path: Path): Promise<HelpDoc.HelpDoc> => {
  const { events } = await told([...path, "--help"])
  const help = events.find((event) => event._tag === "Help")
  if (help?._tag !== "Help") throw new Error(`${path.join(" ")} has no help`)
  return help.helpDoc
}

const page = async (path: Path) => helpPage(await helpOf(path), { isColoured: false, columns: 80 })

const DOCUMENTED = [
  "run",
  "runbook list",
  "runbook show",
  "runbook put",
  "runbook use",
  "runbook retire",
  "schedule list",
  "schedule add",
  "schedule pause",
  "schedule resume",
  "schedule remove",
  "schedule next",
  "classify",
  "approve",
  "reject",
  "cancel",
  "executions list",
  "executions show",
  "executions replay",
  "executions settle",
  "executions download",
  "grant request",
  "grant runbook",
  "grant list",
  "grant show",
  "grant approve",
  "grant reject",
  "grant revoke",
  "target add",
  "target list",
  "target test",
  "target change",
  "target import-known-hosts",
  "target remove",
  "secret put",
  "secret list",
  "secret reveal",
  "secret rotate",
  "secret destroy",
  "member add",
  "member list",
  "member remove",
  "token create",
  "token list",
  "token revoke",
  "policy test",
  "policy put",
  "policy show",
  "policy history",
  "policy explain",
  "policy simulate",
  "policy reviews",
  "policy close-review",
  "approver-key add",
  "approver-key list",
  "approver-key revoke",
  "notifications list",
  "notifications add",
  "notifications test",
  "notifications remove",
  "notifications rotate",
  "notifications dead",
  "notifications retry",
  "notifications commands",
  "audit list",
  "audit watch",
  "audit open",
  "audit verify",
  "audit prove",
  "audit checkpoint",
  "audit export",
  "audit bundle",
  "audit hold add",
  "audit hold list",
  "audit hold release",
  "audit purge",
  "transcript search",
  "transcript purge",
  "login",
  "logout",
  "whoami",
  "serve",
  "witness",
  "plugin list",
  "plugin test",
  "doctor",
  "keys status",
  "keys rotate",
  "keys retire",
  "keys verify"
]

describe("help", () => {
  it("there are the commands that the documentation names", () => {
    expect(commands.map((path) => path.join(" "))).toEqual(DOCUMENTED)
  })

  it.each(commands.map((path) => path.join(" ")))(
    "of %s says what it does, with an example of its own",
    async (name) => {
      const doc = await helpOf(name.split(" "))
      expect(doc.description.length).toBeGreaterThan(10)
      expect(doc.examples?.some(({ command }) => command.includes(`fluxcybers ${name}`))).toBe(true)
      for (const flag of doc.flags) expect(flag.description, flag.name).toMatchObject({ _tag: "Some" })
      for (const argument of doc.args ?? []) expect(argument.description, argument.name).toMatchObject({ _tag: "Some" })
    }
  )

  it("fits the terminal, but for examples, which can be copied", async () => {
    for (const path of [[], ...commands]) {
      const [before = ""] = (await page(path)).split("\nExamples\n")
      const long = before.split("\n").filter((line) => line.length > 80 && !line.startsWith("  fluxcybers "))
      expect(long, path.join(" ")).toEqual([])
    }
  })

  it("has no colour unless it was asked for", async () => {
    expect(await page(["run"])).not.toContain("\x1b")
    expect(helpPage(await helpOf(["run"]), { isColoured: true, columns: 80 })).toContain("\x1b[1mUsage\x1b[0m")
  })
})

describe("a wrong command line", () => {
  it.each<[string, number]>([
    ["frobnicate", 2],
    ["target", 0],
    ["target add", 2],
    ["target add web --host h --account a --credential c --port 70000", 2],
    ["target list --frobnicate", 2],
    ["approve exec_nonsense", 2],
    ["token create x --kind robot --scope read", 2],
    ["secret put x --expires-in soon", 2],
    ["run --frobnicate -- true", 242],
    ["--json run --timeout never -- true", 242]
  ])("%s ends with %i", async (line, status) => {
    expect((await told(line.split(" "))).status).toBe(status)
  })

  it("knows how it was called, also when it cannot be parsed", () => {
    expect(invocation(["run", "--bad", "--", "--json"])).toEqual({ isJson: false, isRun: true })
    expect(invocation(["--url", "run", "whoami", "--json"])).toEqual({ isJson: true, isRun: false })
    expect(invocation(["--profile", "x", "run"])).toEqual({ isJson: false, isRun: true })
    expect(invocation([])).toEqual({ isJson: false, isRun: false })
  })
})

describe("the guide to the command line", () => {
  const guide = readFileSync(new URL("../../../docs/how-to/command-line.md", import.meta.url), "utf8")
  const lines = [...guide.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.split("\n"))
  const called = lines.flatMap((line) =>
    [...line.matchAll(/(?:^|[|(]\s*|npx )fluxcybers ([^|)>#]*)/g)].map(([, rest = ""]) => rest.trim())
  )

  it("names only commands and flags that there are", async () => {
    expect(called.length).toBeGreaterThan(15)
    for (const line of called) {
      const words = line.split(" -- ")[0]!.split(/\s+/)
      const path = commands.find((candidate) => candidate.every((word, index) => words[index] === word))
      expect(path, line).toBeDefined()
      const doc = await helpOf(path!)
      const known = [...doc.flags, ...(doc.globalFlags ?? [])].flatMap(({ name, aliases }) => [`--${name}`, ...aliases])
      expect(
        words.filter((word) => /^--?[a-z]/.test(word)).filter((word) => !known.includes(word)),
        line
      ).toEqual([])
    }
  })
})
