// What a terminal shows as text of the bytes that it is sent: without escape sequences (ECMA-48 §5) and control characters. Bytes keep the
// place that they had. A sequence may be cut by the end of a piece anywhere.

/** A string (OSC, DCS, …) that is longer is text again: an unfinished one must not hide everything that follows. */
const STRING_BYTES_MAX = 4_096
/** The same for a control sequence (CSI). */
const CONTROL_BYTES_MAX = 256

const [BEL, TAB, NEWLINE, CAN, SUB, ESC, DEL] = [0x07, 0x09, 0x0a, 0x18, 0x1a, 0x1b, 0x7f]
/** DCS, SOS, CSI, OSC, PM and APC, in their forms of two characters. */
const [DCS, SOS, CSI, OSC, PM, APC] = [0x50, 0x58, 0x5b, 0x5d, 0x5e, 0x5f]

type State = "text" | "escape" | "control" | "string" | "string-escape"

/** The bytes that are text, and where each stood in the piece. */
export interface TerminalText {
  readonly bytes: Uint8Array
  readonly places: Uint32Array
}

/** Reads one stream of output, piece by piece. Tab and line feed are text; a line feed alone ends a line. */
export const terminalText = (): ((piece: Uint8Array) => TerminalText) => {
  let state: State = "text"
  let length = 0
  const goTo = (next: State) => {
    state = next
    length = 0
  }
  /** True when the byte is text. */
  const step = (byte: number): boolean => {
    length += 1
    if (state === "text") {
      if (byte === ESC) goTo("escape")
      return isText(byte)
    }
    if (byte === CAN || byte === SUB) goTo("text")
    else if (state === "string") {
      if (byte === BEL || length > STRING_BYTES_MAX) goTo("text")
      else if (byte === ESC) state = "string-escape"
    } else if (byte === ESC) goTo("escape")
    else if (state === "escape") afterEscape(byte)
    else if (state === "string-escape") goTo("text")
    else if ((byte >= 0x40 && byte < DEL) || length > CONTROL_BYTES_MAX) goTo("text")
    return false
  }
  const afterEscape = (byte: number) => {
    if (byte === CSI) goTo("control")
    else if (byte === OSC || byte === DCS || byte === SOS || byte === PM || byte === APC) goTo("string")
    else if (byte < 0x20 || byte > 0x2f) goTo("text")
  }
  return (piece) => {
    if (state === "text" && piece.every(isText)) return { bytes: piece, places: everyPlace(piece.length) }
    const bytes = new Uint8Array(piece.length)
    const places = new Uint32Array(piece.length)
    let count = 0
    for (let at = 0; at < piece.length; at++) {
      if (!step(piece[at]!)) continue
      bytes[count] = piece[at]!
      places[count] = at
      count += 1
    }
    return { bytes: bytes.subarray(0, count), places: places.subarray(0, count) }
  }
}

/** 0, 1, 2, …: where nothing is left out. Memory is shared. */
const everyPlace = (length: number): Uint32Array => {
  if (counted.length < length) counted = Uint32Array.from({ length }, (_, at) => at)
  return counted.subarray(0, length)
}
let counted = new Uint32Array(0)

const isText = (byte: number): boolean => (byte >= 0x20 && byte !== DEL) || byte === TAB || byte === NEWLINE
