// The parts of `run` that need no server: what is proposed, who is asked, how output is shown, how it is followed.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it as effectIt } from "@effect/vitest"
import type { Execution, Run } from "@fluxcybers/executor"
import { Effect, Fiber, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import type { CallApi } from "../src/cli/api.ts"
import { OutputCapture } from "../src/cli/captured-output.ts"
import type { Client } from "../src/cli/client.ts"
import { CliFailure } from "../src/cli/failure.ts"
import { liveOutput } from "../src/cli/live-output.ts"
import { type ProposalFlags, proposedInput } from "../src/cli/proposal.ts"
import { mayConfirm, waitingText } from "../src/cli/run-course.ts"
import { type OutputPiece, watch } from "../src/cli/watch.ts"

const id = "exec_01m86cevhretbsw7753gbh4rag" as Execution["id"]

const flags = (changes: Partial<ProposalFlags>): ProposalFlags => ({
  command: [],
  script: Option.none(),
  upload: Option.none(),
  mode: Option.none(),
  fill: [],
  download: Option.none(),
  sizeLimit: Option.none(),
  stdinFile: Option.none(),
  env: [],
  secretEnv: [],
  cwd: Option.none(),
  timeout: Option.none(),
  outputLimit: Option.none(),
  input: Option.none(),
  recoverable: false,
  askFor: Option.none(),
  keepFor: Option.none(),
  ...changes
})

const input = (changes: Partial<ProposalFlags>) => Effect.runSync(proposedInput(flags(changes)))
const refusal = (changes: Partial<ProposalFlags>) => Effect.runSync(Effect.flip(proposedInput(flags(changes)))).detail

describe("what `run` proposes", () => {
  it("is the command as it was given, and nothing that was not", () => {
    expect(input({ command: ["echo", "", "a b", "$HOME", "--", "-x"] })).toEqual({
      argv: ["echo", "", "a b", "$HOME", "--", "-x"]
    })
  })

  it("outlives its connection where that was wanted", () => {
    const command = ["true"]
    expect(input({ command, recoverable: true })).toEqual({ argv: ["true"], recoverable: {} })
    const limits = { askFor: Option.some(60_000), keepFor: Option.some(3_600_000) }
    expect(input({ command, recoverable: true, ...limits })).toEqual({
      argv: ["true"],
      recoverable: { askMs: 60_000, keepMs: 3_600_000 }
    })
    expect(refusal({ command, ...limits })).toContain("add --recoverable")
  })

  it("is what a JSON file says, for a plugin, and then nothing else", () => {
    const folder = mkdtempSync(join(tmpdir(), "fluxcybers-input-"))
    const path = join(folder, "input.json")
    const file = Option.some(path)
    writeFileSync(path, '{"unit": "nginx"}')
    expect(input({ input: file })).toEqual({ unit: "nginx" })
    expect(refusal({ input: file, cwd: Option.some("/srv") })).toContain("--input is all that the executor gets")
    writeFileSync(path, "unit: nginx")
    expect(refusal({ input: file })).toBe(`${path} is not JSON. Nothing was proposed.`)
    rmSync(folder, { recursive: true })
  })

  it("is a file, with its content and permissions, or one to fetch, where the flags say so", () => {
    const folder = mkdtempSync(join(tmpdir(), "fluxcybers-run-"))
    const file = join(folder, "a:b.conf")
    writeFileSync(file, Buffer.from([0, 255]), { mode: 0o640 })
    const upload = Option.some(`${file}:/etc/a.conf`)
    const sent = { path: "/etc/a.conf", content: "AP8=", source: "a:b.conf" }
    expect(input({ upload })).toEqual({ upload: { ...sent, mode: "0640" } })
    const fill = ["@@A=B@@=db/password"]
    expect(input({ upload, fill })).toMatchObject({ upload: { fill: { "@@A=B@@": "db/password" } } })
    expect(refusal({ upload, fill: ["@@PASS@@"] })).toContain("--fill takes TEXT=SECRET")
    expect(input({ upload, mode: Option.some("755") })).toEqual({ upload: { ...sent, mode: "0755" } })
    rmSync(folder, { recursive: true })
    expect(input({ download: Option.some("/a"), sizeLimit: Option.some(9), timeout: Option.some(5) })).toEqual({
      download: { path: "/a", bytesMax: 9 },
      timeoutMs: 5
    })
  })

  it("is no file together with a command, and no half of one", () => {
    const download = Option.some("/a")
    expect(refusal({ download, command: ["ls"] })).toContain("a plan of its own")
    expect(refusal({ download, cwd: Option.some("/") })).toContain("a plan of its own")
    expect(refusal({ download, upload: Option.some("a:/b") })).toContain("not both")
    expect(refusal({ upload: Option.some("a:b") })).toContain("absolute PATH")
    expect(refusal({ mode: Option.some("644"), command: ["ls"] })).toContain("--mode and --fill belong to --upload")
    expect(refusal({ sizeLimit: Option.some(1), command: ["ls"] })).toContain("--size-limit belongs to --download")
  })

  it("has variables, folder and limits where they were given", () => {
    const changes = {
      command: ["true"],
      env: ["A=1", "B=x=y", "C="],
      secretEnv: ["PW=db/pw"],
      cwd: Option.some("/srv"),
      timeout: Option.some(1_000),
      outputLimit: Option.some(2_048)
    }
    expect(input(changes)).toEqual({
      argv: ["true"],
      env: { A: "1", B: "x=y", C: "" },
      secretEnv: { PW: "db/pw" },
      cwd: "/srv",
      timeoutMs: 1_000,
      outputBytesMax: 2_048
    })
  })

  it("takes a script and standard input byte for byte, a byte order mark included", () => {
    const folder = mkdtempSync(join(tmpdir(), "fluxcybers-run-"))
    try {
      writeFileSync(join(folder, "script"), "\ufeffecho 'grüße'\r\n")
      writeFileSync(join(folder, "input"), "no newline")
      const found = input({
        script: Option.some(join(folder, "script")),
        stdinFile: Option.some(join(folder, "input"))
      })
      expect(found).toEqual({ script: "\ufeffecho 'grüße'\r\n", stdin: "no newline" })
      writeFileSync(join(folder, "input"), Buffer.from([0xff, 0xfe]))
      expect(refusal({ command: ["cat"], stdinFile: Option.some(join(folder, "input")) })).toContain("not UTF-8 text")
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it.each<[string, Partial<ProposalFlags>, string]>([
    ["nothing", {}, "nothing to run"],
    ["a command and a script", { command: ["true"], script: Option.some("x") }, "not both"],
    ["standard input twice", { script: Option.some("-"), stdinFile: Option.some("-") }, "not both"],
    ["a variable without a value", { command: ["true"], env: ["A"] }, "NAME=VALUE"],
    ["a variable without a name", { command: ["true"], env: ["=x"] }, "NAME=VALUE"],
    ["a variable twice", { command: ["true"], env: ["A=1", "A=2"] }, "twice"],
    ["a file that is not there", { script: Option.some("/nonexistent/script") }, "could not be read"]
  ])("%s is refused", (_, changes, because) => {
    expect(refusal(changes)).toContain(because)
  })
})

describe("whom `run` asks", () => {
  const people = (
    requester: "may-decide" | "must-confirm" | "must-not-decide",
    count = 1
  ): Execution["requirement"] => ({
    _tag: "People",
    groups: [{ count, roles: ["owner", "approver"] }],
    requester,
    signature: "none",
    reason: "optional",
    rule: "solo@1/own-proposal"
  })
  const ada = { kind: "person", roles: ["owner"], scopes: ["read", "propose", "decide"] } as const

  it("the person who proposed it, when their confirmation counts", () => {
    expect(mayConfirm({ requirement: people("must-confirm") }, ada)).toBe(true)
    expect(mayConfirm({ requirement: people("may-decide") }, ada)).toBe(true)
  })

  it("never an agent, nor a person who may not decide", () => {
    expect(mayConfirm({ requirement: people("must-not-decide") }, ada)).toBe(false)
    expect(mayConfirm({ requirement: people("may-decide") }, { ...ada, kind: "agent" })).toBe(false)
    expect(mayConfirm({ requirement: people("must-confirm") }, { ...ada, scopes: ["read", "propose"] })).toBe(false)
    expect(mayConfirm({ requirement: people("must-confirm") }, { ...ada, roles: ["operator"] })).toBe(false)
    expect(mayConfirm({ requirement: { _tag: "Nobody", rule: "solo@1/unattended-reads" } }, ada)).toBe(false)
  })

  it("otherwise says for whom it waits, and what they can do", () => {
    const decisions = [] as const
    expect(waitingText({ id, requirement: people("must-not-decide", 2), decisions }, "person")).toBe(
      `Waiting for 2 approvals; another person can run: fluxcybers approve ${id}`
    )
    expect(waitingText({ id, requirement: people("may-decide"), decisions }, "agent")).toBe(
      `Waiting for 1 approval; a person can run: fluxcybers approve ${id}`
    )
    expect(waitingText({ id, requirement: people("must-confirm"), decisions }, "person")).toBe(
      `Waiting for your confirmation. In a terminal: fluxcybers approve ${id}`
    )
  })
})

const piece = (run: string, text: string | Uint8Array, stream: OutputPiece["stream"] = "stdout"): OutputPiece => ({
  run,
  stream,
  atMs: 0,
  bytes: typeof text === "string" ? Buffer.from(text) : text
})

const shown = (names: Record<string, string>, pieces: ReadonlyArray<OutputPiece>, isRaw = false): string => {
  const written: Array<string> = []
  const output = liveOutput(new Map(Object.entries(names)), isRaw, ({ stream, bytes }) =>
    Effect.sync(() => void written.push(`${stream}:${Buffer.from(bytes).toString("latin1")}`))
  )
  Effect.runSync(Effect.andThen(Effect.forEach(pieces, output.write), output.finish))
  return written.join("")
}

describe("live output", () => {
  it("of one run passes byte for byte, what is no text included", () => {
    expect(shown({ r1: "web-1" }, [piece("r1", Buffer.from([0, 255, 10])), piece("r1", "x")])).toBe(
      "stdout:\0\xff\nstdout:x"
    )
  })

  it("of several comes in whole lines behind the target's name", () => {
    const pieces = [piece("r1", "a"), piece("r2", "x\ny"), piece("r1", "b\nc\n"), piece("r2", "z", "stderr")]
    expect(shown({ r1: "web-1", r2: "web-2" }, pieces)).toBe(
      "stdout:web-2: x\nstdout:web-1: ab\nweb-1: c\nstdout:web-2: y\nstderr:web-2: z\n"
    )
  })

  it("of several passes as it comes when that was asked for", () => {
    expect(shown({ r1: "web-1", r2: "web-2" }, [piece("r1", "a"), piece("r2", "b")], true)).toBe("stdout:astdout:b")
  })

  it("kept for a document has a limit, and says when it was reached", () => {
    const runs = [{ id: "r1", targetName: "web-1" }] as unknown as ReadonlyArray<Run>
    const capture = new OutputCapture()
    capture.add(piece("r1", "out"))
    capture.add(piece("r1", "err", "stderr"))
    expect(capture.of(runs)).toEqual([{ run: "r1", target: "web-1", stdout: "b3V0", stderr: "ZXJy", isComplete: true }])
    capture.add(piece("r1", new Uint8Array(17 * 1024 * 1024)))
    expect(capture.of(runs)).toMatchObject([{ stdout: "b3V0", isComplete: false }])
  })
})

type Message = { readonly _tag: string; readonly [field: string]: unknown }

/** A server whose event stream breaks off: each connection gives the next part. */
const serverWith = (connections: ReadonlyArray<ReadonlyArray<Message>>, finalState: string) => {
  const asked: Array<number | undefined> = []
  const client = {
    executions: {
      events: ({ query }: { readonly query: { readonly after?: number } }) => {
        const part = connections[asked.length]
        asked.push(query.after)
        return part === undefined ? Effect.fail(gone) : Effect.succeed(Stream.fromIterable(part))
      },
      show: () =>
        asked.length > connections.length
          ? Effect.fail(gone)
          : Effect.succeed({ id, state: asked.length === connections.length ? finalState : "running" })
    }
  } as unknown as Client
  const api: CallApi = (use) => use(client) as never
  return { api, asked }
}

const gone = new CliFailure({ exit: "unreachable", code: "unreachable", title: "", detail: "" })
const output = (sequence: number, text: string): Message => ({
  ...piece("r1", ""),
  _tag: "Output",
  sequence,
  bytes: Buffer.from(text).toString("base64")
})

describe("following an execution", () => {
  const follow = (server: ReturnType<typeof serverWith>) =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const onOutput = ({ bytes }: OutputPiece) => Effect.sync(() => void seen.push(Buffer.from(bytes).toString()))
      const fiber = yield* Effect.forkChild(Effect.exit(watch(server.api, id, { onOutput })))
      yield* TestClock.adjust("5 minutes")
      return { seen, exit: yield* Fiber.join(fiber) }
    })

  effectIt.effect("goes on after the last piece when the connection breaks, and shows none twice", () =>
    Effect.gen(function* () {
      const server = serverWith(
        [
          [output(1, "a"), output(2, "b")],
          [output(2, "b"), output(3, "c"), { _tag: "Problem", code: "x", detail: "y" }],
          [output(4, "d")]
        ],
        "succeeded"
      )
      const { seen, exit } = yield* follow(server)
      expect(seen).toEqual(["a", "b", "c", "d"])
      expect(server.asked).toEqual([undefined, 2, 3])
      expect(exit).toMatchObject({ _tag: "Success", value: { state: "succeeded" } })
    })
  )

  effectIt.effect("ends when the server does not come back, and says that the execution goes on", () =>
    Effect.gen(function* () {
      const { exit } = yield* follow(serverWith([[output(1, "a")]], "running"))
      expect(String(exit)).toContain("goes on without this program")
    })
  )
})
