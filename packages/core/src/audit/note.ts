// Signed notes: text, a blank line, and signature lines (https://c2sp.org/signed-note).
import { Result, Schema } from "effect"
import { fromBase64, toBase64 } from "./base64.ts"
import { isKeyName, type NoteSigner, type NoteVerifier } from "./note-key.ts"

const SIGNATURES_MAX = 64
const NOTE_CHARACTERS_MAX = 1_000_000
const KEY_ID_BYTES = 4

/** A signed note was refused: its form is wrong, no trusted key signed it, or a trusted key's signature is false. */
export class InvalidNote extends Schema.TaggedError<InvalidNote>()("InvalidNote", {
  reason: Schema.Literals(["malformed", "unknown-key", "bad-signature"])
}) {
  override get message() {
    return {
      malformed: "This is not a signed note.",
      "unknown-key": "The note is not signed by a trusted key.",
      "bad-signature": "The signature of a trusted key does not fit the note."
    }[this.reason]
  }
}

export interface NoteSignature {
  readonly name: string
  readonly keyId: number
  readonly signature: Uint8Array
}

export interface Note {
  /** What is signed; ends with a newline. */
  readonly text: string
  readonly signatures: ReadonlyArray<NoteSignature>
}

/** Signs a text that ends with a newline. */
export const signNote = (text: string, signer: NoteSigner): string =>
  writeNote({ text, signatures: [{ name: signer.name, keyId: signer.keyId, signature: signer.sign(utf8(text)) }] })

export const writeNote = (note: Note): string => `${note.text}\n${note.signatures.map(signatureLine).join("")}`

/** One signature of a note, as a line with its newline. */
export const signatureLine = ({ name, keyId, signature }: NoteSignature): string => {
  const bytes = Buffer.alloc(KEY_ID_BYTES + signature.length)
  bytes.writeUInt32BE(keyId)
  bytes.set(signature, KEY_ID_BYTES)
  return `— ${name} ${toBase64(bytes)}\n`
}

/** Reads a note without looking at its signatures: trust nothing in it before `openNote`. */
export const parseNote = (note: string): Result.Result<Note, InvalidNote> => {
  const malformed = Result.fail(new InvalidNote({ reason: "malformed" }))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids them.
  if (note.length > NOTE_CHARACTERS_MAX || !note.isWellFormed() || /[\x00-\x09\x0b-\x1f]/.test(note)) return malformed
  const separator = note.lastIndexOf("\n\n")
  if (separator < 0 || !note.endsWith("\n")) return malformed
  const lines = note.slice(separator + 2, -1).split("\n")
  const signatures = lines.map(parseSignature)
  if (lines.length > SIGNATURES_MAX || !signatures.every((signature) => signature !== undefined)) return malformed
  return Result.succeed({ text: note.slice(0, separator + 1), signatures })
}

const parseSignature = (line: string): NoteSignature | undefined => {
  const [dash, name, encoded, ...rest] = line.split(" ")
  if (dash !== "—" || name === undefined || encoded === undefined || rest.length > 0 || !isKeyName(name))
    return undefined
  const bytes = fromBase64(encoded)
  if (bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined
  return { name, keyId: Buffer.from(bytes).readUInt32BE(), signature: bytes.slice(KEY_ID_BYTES) }
}

/**
 * The note, when at least one trusted key signed it and no signature of a trusted key is false. Signatures of other keys are
 * ignored, as the specification demands.
 */
export const openNote = (note: string, trusted: ReadonlyArray<NoteVerifier>): Result.Result<Note, InvalidNote> =>
  Result.flatMap(parseNote(note), (parsed) => {
    const message = utf8(parsed.text)
    const checks = parsed.signatures.flatMap(({ name, keyId, signature }) =>
      trusted
        .filter((verifier) => verifier.name === name && verifier.keyId === keyId)
        .map((verifier) => verifier.verify(message, signature))
    )
    if (checks.length === 0) return Result.fail(new InvalidNote({ reason: "unknown-key" }))
    return checks.every(Boolean) ? Result.succeed(parsed) : Result.fail(new InvalidNote({ reason: "bad-signature" }))
  })

const utf8 = (text: string): Uint8Array => Buffer.from(text, "utf8")
