// A process on the other side of a channel.
import type ssh2 from "ssh2"
import type { CommandResult } from "../command-input.ts"
import { type OutputSource, outputSource } from "../output-source.ts"

export interface RemoteProcess {
  readonly stdout: OutputSource
  readonly stderr: OutputSource
  /** How it ended; `undefined` when the channel or the connection ended without saying so: nobody knows. */
  readonly ended: Promise<CommandResult | undefined>
  readonly hasExited: () => boolean
  /** From its exit on, its output is not waited for longer than a short grace. */
  readonly lingerAfterExit: () => void
  readonly write: (bytes: Uint8Array, written?: () => void) => void
  readonly endInput: () => void
  /** Gives the channel back. Stops nothing on the other side. */
  readonly close: () => void
}

/** Listens at once, so that nothing that the channel says is missed. */
export const remoteProcess = (client: ssh2.Client, channel: ssh2.ClientChannel): RemoteProcess => {
  const stdout = outputSource(channel)
  const stderr = outputSource(channel.stderr)
  let hasExited = false
  const ended = new Promise<CommandResult | undefined>((resolve) => {
    const settle = (result: CommandResult | undefined) => {
      client.off("close", lost)
      hasExited = result !== undefined
      resolve(result)
    }
    const lost = () => settle(undefined)
    client.once("close", lost)
    channel.once("close", lost)
    channel.once("exit", (exitCode: number | null, signal?: string) => settle(resultOf(exitCode, signal)))
  })
  channel.on("error", () => {})
  return {
    stdout,
    stderr,
    ended,
    hasExited: () => hasExited,
    lingerAfterExit: () => {
      void ended.then(() => {
        stdout.exited()
        stderr.exited()
      })
    },
    write: (bytes, written) => {
      channel.write(bytes, written)
    },
    endInput: () => {
      channel.end()
    },
    close: () => {
      channel.resume()
      channel.stderr.resume()
      channel.close()
    }
  }
}

const resultOf = (exitCode: number | null, signal: string | undefined): CommandResult | undefined => {
  if (exitCode !== null) return { exitCode }
  return signal === undefined ? undefined : { signal }
}
