// What a witness remembers: of every log the checkpoint that it cosigned last. A file each, replaced whole and synced before the
// cosignature leaves, so that a witness that dies in between never takes anything back.
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { open, rename } from "node:fs/promises"
import { join } from "node:path"
import { NOTHING_WITNESSED, type WitnessedTree } from "@fluxcybers/core"

const MODE = 0o600

/** The name under which a log's checkpoint is kept and served: SHA-256 of its origin. */
export const logId = (origin: string): string => createHash("sha256").update(origin).digest("hex")

export class WitnessState {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The cosigned checkpoint of the log with this id, as it was kept. */
  note(id: string): string | undefined {
    const path = this.#path(id)
    return existsSync(path) ? readFileSync(path, "utf8") : undefined
  }

  /** Throws when what stands there is not what this program wrote: a witness that forgot must not cosign. */
  seen(origin: string): WitnessedTree {
    const note = this.note(logId(origin))
    if (note === undefined) return NOTHING_WITNESSED
    const [name, size = "", root = ""] = note.split("\n")
    const hash = Buffer.from(root, "base64")
    if (name !== origin || !/^[0-9]{1,19}$/.test(size) || hash.length !== 32) {
      throw new Error(
        `The file ${this.#path(logId(origin))} is damaged. Nothing is cosigned for this log until it is restored.`
      )
    }
    return { size: BigInt(size), root: hash }
  }

  /** Returns when the checkpoint is on the disk. */
  async keep(origin: string, note: string): Promise<void> {
    const path = this.#path(logId(origin))
    const file = await open(`${path}.new`, "w", MODE)
    try {
      await file.writeFile(note)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
    // The new name must survive power loss too.
    const directory = await open(this.#directory, "r")
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }

  #path(id: string): string {
    return join(this.#directory, `${id}.checkpoint`)
  }
}
