// How much of what a command is given is shown.
import { isUtf8 } from "node:buffer"
import type { Plan } from "../plan.ts"

/** Nobody reads more of a file, or one that is no text, before they approve it: they compare its digest. */
const FILE_BYTES_MAX = 256 * 1024

/** Standard input of a command always is; a file that is put on a target only when somebody could read it. */
export const isContentShown = (command: Plan["command"], stdin: Uint8Array): boolean =>
  command._tag !== "Upload" || (stdin.length <= FILE_BYTES_MAX && isUtf8(stdin))
