// A witness with its own directory (mode 0700): its key, and what it cosigned last of every log.
import { existsSync, readFileSync } from "node:fs"
import { open, rename } from "node:fs/promises"
import { join } from "node:path"
import {
  type Cosigner,
  generateCosignerKey,
  type InvalidKey,
  type NoteVerifier,
  parseCosignerKey
} from "@fluxcybers/core"
import { Effect, Redacted } from "effect"
import { openPrivateDirectory } from "../data/data-directory.ts"
import { directoryError } from "../data/directory-error.ts"
import { serveWitness } from "./witness-server.ts"
import { WitnessState } from "./witness-state.ts"

const KEY_FILE = "witness.key"
const KEY_MODE = 0o600

/** Where a witness keeps its things, what it is called, and which logs it watches. */
export interface WitnessSettings {
  readonly directory: string
  /** The name of its key, when it makes one: a name as `witness.example.com`. */
  readonly name: string
  readonly logs: ReadonlyArray<NoteVerifier>
  readonly host: string
  readonly port: number
}

/** Starts a witness, which runs until the scope closes; its address and its verifier key. */
export const startWitness = Effect.fn("startWitness")(function* (settings: WitnessSettings) {
  const { directory, host, port } = settings
  yield* openPrivateDirectory(directory)
  const cosigner = yield* loadKey(directory, settings.name)
  const logs = new Map(settings.logs.map((log) => [log.name, log]))
  const url = yield* serveWitness({ cosigner, logs, state: new WitnessState(directory), host, port })
  return { url, verifierKey: cosigner.verifier.text }
})

const loadKey = Effect.fnUntraced(function* (
  directory: string,
  name: string
): Effect.fn.Return<Cosigner, InvalidKey | ReturnType<typeof directoryError>> {
  const path = join(directory, KEY_FILE)
  const made = existsSync(path) ? undefined : yield* Effect.fromResult(generateCosignerKey(name))
  const text = yield* Effect.tryPromise({
    try: async () => {
      if (made !== undefined) await writeWhole(path, `${Redacted.value(made)}\n`)
      return Redacted.make(readFileSync(path, "utf8").trim())
    },
    catch: (cause) =>
      directoryError(directory, cause instanceof Error && "code" in cause ? String(cause.code) : String(cause))
  })
  return yield* Effect.fromResult(parseCosignerKey(text))
})

/** A key that is half written would be a witness that nobody knows. */
const writeWhole = async (path: string, text: string): Promise<void> => {
  const file = await open(`${path}.new`, "w", KEY_MODE)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}
