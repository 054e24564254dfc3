// Speaking to the host of a plugin's process.
import type { Socket } from "node:net"
import { type PluginMessage, writePluginLine } from "../plugins/messages.ts"

/** Waits until the host's side has taken what was sent. */
export type Send = (message: PluginMessage) => Promise<void>

export const sender =
  (channel: Socket): Send =>
  (message) =>
    new Promise((resolve) => {
      channel.write(`${writePluginLine(message)}\n`, () => resolve())
    })

const DETAIL_LENGTH_MAX = 2_000

/** An error in the words of whoever threw it, at a length that people read. */
export const brief = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).slice(0, DETAIL_LENGTH_MAX).toWellFormed()
