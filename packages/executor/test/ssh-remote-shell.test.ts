import { execFileSync, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  BOOTSTRAP,
  DIRECT_BOOTSTRAP,
  parseHeader,
  type RemoteCommand,
  shellInput,
  stopCommand
} from "../src/ssh/remote-shell.ts"

const NONCE = "0123456789abcdef0123456789abcdef"

const isInstalled = (program: string) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0

/** Every shell that may be another host's /bin/sh, with its arguments before `-c`. */
const SHELLS: ReadonlyArray<readonly [name: string, ...command: ReadonlyArray<string>]> = [
  ["/bin/sh", "/bin/sh"],
  ["dash", "dash"],
  ["bash --posix", "bash", "--posix"],
  ["BusyBox ash", "busybox", "ash"]
]
const shells = SHELLS.filter(([, program = ""]) => isInstalled(program))

const BODY = BOOTSTRAP.replace("exec /bin/sh -c '", "").slice(0, -1)

/** A bootstrap as the given shell runs it, where sshd would have started it as the leader of a session. */
const start = ([, program = "", ...args]: ReadonlyArray<string>, body = BODY) => {
  return spawn(program, [...args, "-c", body], { detached: true })
}

const run = async (shell: ReadonlyArray<string>, remote: Partial<RemoteCommand>, stdin = "", body = BODY) => {
  const child = start(shell, body)
  const pieces: { stdout: Array<Buffer>; stderr: Array<Buffer> } = { stdout: [], stderr: [] }
  child.stdout.on("data", (piece) => pieces.stdout.push(piece))
  child.stderr.on("data", (piece) => pieces.stderr.push(piece))
  child.stdin.on("error", () => {})
  const command = { _tag: "Argv", argv: ["true"] } as const
  child.stdin.write(shellInput({ command, cwd: undefined, env: [], nonce: NONCE, ...remote }))
  // A shell may read a block beyond its end, so the command's own input follows the header.
  while (child.exitCode === null && parseHeader(Buffer.concat(pieces.stdout), NONCE) === undefined)
    await Promise.race([once(child.stdout, "data"), once(child, "close")])
  child.stdin.end(stdin)
  if (child.exitCode === null || !child.stdout.readableEnded) await once(child, "close")
  const answer = parseHeader(Buffer.concat(pieces.stdout), NONCE)
  const { stderr } = { stderr: Buffer.concat(pieces.stderr).toString() }
  return { header: answer?.header, stdout: answer?.rest.toString(), stderr, status: child.exitCode, pid: child.pid }
}

const script = (text: string) => ({ command: { _tag: "Script", script: text } }) as const
const argv = (first: string, ...more: ReadonlyArray<string>) =>
  ({ command: { _tag: "Argv", argv: [first, ...more] } }) as const

const PRINT_ARGUMENTS = "process.stdout.write(JSON.stringify(process.argv.slice(1)))"

describe.each(shells)("%s as /bin/sh", (...shell) => {
  it.each([
    ["", BODY],
    [", also when it is the login shell", DIRECT_BOOTSTRAP]
  ])("hands over every argument as it is%s", async (_, body) => {
    const word = fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replaceAll("\0", ""))
    const words = fc.array(
      fc.oneof(word, fc.constantFrom("", "-n", "--", "'", "\\", "\n", "\u0081\u0088", "é\r\n", "$(id)"))
    )
    await fc.assert(
      fc.asyncProperty(words, async (argument) => {
        const { stdout } = await run(shell, argv(process.execPath, "-e", PRINT_ARGUMENTS, "--", ...argument), "", body)
        expect(JSON.parse(stdout ?? "")).toEqual(argument)
      }),
      { numRuns: 12 }
    )
  })

  it("runs a script of 250 kB as it is, with standard input left to it", async () => {
    const value = "é'\"$`\\\t\n".repeat(22_000)
    const outcome = await run(shell, script(`cat <<'END'\n${value}\nEND\nexec cat`), "standard input")
    expect(outcome.stdout).toBe(`${value}\nstandard input`)
  })

  it("keeps the line breaks at the end of a script, and gives it no variables but its own", async () => {
    const text = "cat <<'END'\na\n\n\nEND\nset | grep -c '^_f[xg]='\n\n\n"
    expect((await run(shell, script(text))).stdout).toBe("a\n\n\n0\n")
  })

  it("leaves standard input to a short command", async () => {
    expect((await run(shell, argv("cat"), "a\nb")).stdout).toBe("a\nb")
  })

  it("exports the environment as it is, and shows none of it in the process list", async () => {
    const env = [
      ["PLAIN", "a 'b'\n$c"],
      ["TOKEN", "canary-4711"]
    ] as const
    const list = script('printf %s "$PLAIN|"; ps -eo args | grep canary-4711 | grep -v grep; ps -eo args | wc -l')
    const { stdout } = await run(shell, { ...list, env })
    expect(stdout).toMatch(/^a 'b'\n\$c\|\s*[1-9]\d*\n$/)
  })

  it("names the process that leads the group, and passes on the exit status", async () => {
    const { header, pid, status } = await run(shell, script("exit 37"))
    expect([header, status]).toMatchObject([{ _tag: "Started", pid }, 37])
    const group = await run(shell, script("ps -o pgid= -p $$"))
    expect(Number(group.stdout)).toBe(group.pid)
  })

  it("refuses a folder and a program that are not there, before anything runs", async () => {
    const refused = (remote: Partial<RemoteCommand>) => run(shell, remote).then(({ header }) => header)
    expect(await refused({ cwd: "/no/such/folder" })).toEqual({ _tag: "Refused", why: "no-folder" })
    expect(await refused(argv("no-such-program"))).toEqual({ _tag: "Refused", why: "no-program" })
    expect(await refused(argv("./no-such-program"))).toEqual({ _tag: "Refused", why: "no-program" })
    expect((await run(shell, { ...argv("pwd"), cwd: "/usr" })).stdout).toBe("/usr\n")
  })

  it.each([
    ["a line", argv("echo", "ran")],
    ["a block", script("echo ran\n#")]
  ])("runs nothing of %s that did not arrive whole", async (_, remote) => {
    const input = shellInput({ cwd: undefined, env: [], nonce: NONCE, ...remote })
    for (const length of [1, input.length - 40, input.length - 1]) {
      const child = start(shell)
      child.stdin.on("error", () => {})
      child.stdin.end(input.subarray(0, length))
      const output: Array<Buffer> = []
      child.stdout.on("data", (piece) => output.push(piece))
      await once(child, "close")
      expect([Buffer.concat(output).toString(), child.exitCode === 0]).toEqual(["", false])
    }
  })

  it("stops a command with its children, also when they ignore TERM", async () => {
    const [, program = "", ...args] = shell
    const stop = (pid: number) =>
      spawnSync(program, [...args, "-c", stopCommand(pid, 5).replace("exec /bin/sh -c '", "").slice(0, -1)]).status
    const living = (group: number) =>
      execFileSync("ps", ["-eo", "pgid=,stat=,args="], { encoding: "utf8" })
        .split("\n")
        .filter((line) => Number.parseInt(line, 10) === group && !/^\s*\d+\s+Z/.test(line))
    for (const trap of ["true", "trap '' TERM"]) {
      const child = start(shell)
      const tree = script(`${trap}; (${trap}; (sleep 60; sleep 60) & sleep 60) & echo up; sleep 60; sleep 60`)
      child.stdin.write(shellInput({ cwd: undefined, env: [], nonce: NONCE, ...tree }))
      await once(child.stdout, "data")
      expect(living(child.pid ?? 0).length).toBeGreaterThan(0)
      expect(stop(child.pid ?? 0)).toBe(0)
      expect(living(child.pid ?? 0)).toEqual([])
    }
  })

  it("has nothing to stop when the command is gone", () => {
    const [, program = "", ...args] = shell
    const stop = stopCommand(2 ** 22 + 1)
    expect(spawnSync(program, [...args, "-c", stop.replace("exec /bin/sh -c '", "").slice(0, -1)]).status).toBe(0)
  })
})

describe("the line for the login shell", () => {
  it.each([
    ["4711 4711 /bin/bash", true],
    ["4711 4711 /bin/sh", true],
    ["4711 4711 /usr/bin/fish", false],
    ["4711 4711 /bin/tcsh", false],
    ["4711 4711 ", false],
    ["4711 1 /bin/bash", false],
    ["4711  /bin/bash", false]
  ])("is left out only for the leader of a session that is a POSIX shell: %s", (answer, isDirectPossible) => {
    expect(parseHeader(Buffer.from(`${NONCE} ${answer}\n`), NONCE)?.header).toMatchObject({
      pid: 4711,
      isDirectPossible
    })
  })

  it("holds nothing that shells read differently between single quotes", () => {
    for (const line of [BOOTSTRAP, stopCommand(4711)]) {
      const inner = line.slice("exec /bin/sh -c '".length, -1)
      expect(inner).not.toMatch(/['!\n]|\\[\\']/)
    }
  })

  it("makes a session of its own where the server made none", async () => {
    const child = spawn("/bin/sh", ["-c", BOOTSTRAP])
    child.stdin.end(shellInput({ ...script("ps -o pgid=,sid= -p $$"), cwd: undefined, env: [], nonce: NONCE }))
    const pieces: Array<Buffer> = []
    child.stdout.on("data", (piece) => pieces.push(piece))
    await once(child, "close")
    const { header, rest } = parseHeader(Buffer.concat(pieces), NONCE) ?? {}
    const pid = header?._tag === "Started" ? header.pid : 0
    expect(rest?.toString().trim().split(/\s+/)).toEqual([String(pid), String(pid)])
  })

  it("finds its header behind what login scripts print, and in pieces", () => {
    const whole = Buffer.from(`Welcome!\nno line break${NONCE} 4711 4711 /bin/bash\noutput`)
    const header = { _tag: "Started", pid: 4711, isDirectPossible: true }
    expect(parseHeader(whole, NONCE)).toEqual({ header, rest: Buffer.from("output") })
    expect(parseHeader(whole.subarray(0, -8), NONCE)).toBeUndefined()
  })
})
