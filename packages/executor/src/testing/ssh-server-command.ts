// A command of the test server: a process whose streams are those of a channel.
import { spawn } from "node:child_process"
import { homedir } from "node:os"
import type ssh2 from "ssh2"

export interface Command {
  readonly ended: Promise<void>
  /** Name without SIG. */
  readonly signal: (name: string) => void
  readonly kill: () => void
}

export interface CommandLine {
  readonly shell: ReadonlyArray<string>
  readonly makesSessions: boolean
  readonly line: string
}

/** Runs a command line; its exit is told at once, as sshd does, and the channel ends when nobody holds the output any more. */
export const startCommand = (channel: ssh2.ServerChannel, { shell, makesSessions, line }: CommandLine): Command => {
  const [program = "/bin/sh", ...args] = shell
  const env = { PATH: process.env["PATH"], HOME: homedir(), SHELL: program }
  const child = spawn(program, [...args, "-c", line], { env, cwd: homedir(), detached: makesSessions })
  const signal = (name: string) => {
    try {
      if (child.pid !== undefined) process.kill(makesSessions ? -child.pid : child.pid, `SIG${name}`)
    } catch {
      // It has ended already.
    }
  }
  child.stdin.on("error", () => {})
  channel.on("error", () => {})
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  child.once("exit", (code, exitSignal) => {
    if (exitSignal === null) channel.exit(code ?? 0)
    else channel.exit(exitSignal.replace(/^SIG/, ""), false, "")
  })
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => {
      channel.exit(127)
      channel.end()
      resolve()
    })
    child.once("close", () => {
      channel.end()
      resolve()
    })
  })
  return { ended, signal, kill: () => signal("KILL") }
}
