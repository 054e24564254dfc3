// A checkpoint: the size and root of the log, signed (https://c2sp.org/tlog-checkpoint).
import { Result } from "effect"
import { fromBase64, toBase64 } from "./base64.ts"
import { InvalidNote, type Note, openNote, signNote } from "./note.ts"
import type { NoteSigner, NoteVerifier } from "./note-key.ts"
import { HASH_BYTES } from "./tree-hash.ts"

/** The size and root of a log at a moment. */
export interface Checkpoint {
  /** The name of the log. */
  readonly origin: string
  readonly size: bigint
  /** RFC 6962 root of the first `size` entries. */
  readonly root: Uint8Array
  /** Opaque further lines; this log writes none. */
  readonly extensions: ReadonlyArray<string>
}

/** A checkpoint of the signer's log as a signed note. */
export const signCheckpoint = (
  tree: { readonly size: number; readonly root: Uint8Array },
  signer: NoteSigner
): string => signNote(`${signer.name}\n${tree.size}\n${toBase64(tree.root)}\n`, signer)

/** The checkpoint in a note that the log's key signed; its origin must be the name of that key. */
export const openCheckpoint = (note: string, log: NoteVerifier): Result.Result<Checkpoint, InvalidNote> =>
  Result.flatMap(openNote(note, [log]), (opened) => {
    const checkpoint = parseCheckpoint(opened)
    return checkpoint?.origin === log.name
      ? Result.succeed(checkpoint)
      : Result.fail(new InvalidNote({ reason: "malformed" }))
  })

/** Reads the text of a note as a checkpoint. */
const parseCheckpoint = (note: Note): Checkpoint | undefined => {
  const [origin, size, root, ...extensions] = note.text.slice(0, -1).split("\n")
  const hash = root === undefined ? undefined : fromBase64(root)
  if (origin === undefined || origin === "" || size === undefined || !/^(0|[1-9][0-9]{0,18})$/.test(size))
    return undefined
  if (hash?.length !== HASH_BYTES || extensions.includes("")) return undefined
  return { origin, size: BigInt(size), root: hash, extensions }
}
