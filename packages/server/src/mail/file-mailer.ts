// Mails as files, for a server that has no mail server: whoever reads the data directory reads them.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Mailer, MailFailed } from "@fluxcybers/core"
import { Effect, Layer } from "effect"
import { createTransport } from "nodemailer"
import { messageOf } from "./message.ts"

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
/** The oldest go: nobody may ever look at them. */
const FILES_MAX = 1_000

/** Writes each mail to `<folder>/<id>.eml`, which only this account may read; the newest 1,000 stay. */
export const fileMailerLayer = (options: { readonly folder: string; readonly from: string }): Layer.Layer<Mailer> =>
  Layer.sync(Mailer, () => {
    const { folder, from } = options
    const transport = createTransport({ streamTransport: true, buffer: true })
    return Mailer.of({
      send: Effect.fn("Mailer.send")(function* (mail) {
        const message = messageOf(mail, from)
        yield* Effect.tryPromise({
          try: async () => store(folder, mail.id, (await transport.sendMail(message)).message),
          catch: (error) => new MailFailed({ code: codeOf(error), isFinal: false })
        })
      })
    })
  })

const store = (folder: string, id: string, content: unknown): void => {
  if (!(content instanceof Uint8Array)) throw new Error("nodemailer made a stream where a buffer was asked for")
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE })
  const path = join(folder, `${id.replace(/[^A-Za-z0-9_-]/g, "")}.eml`)
  writeFileSync(`${path}.part`, content, { mode: FILE_MODE })
  renameSync(`${path}.part`, path)
  // Ids sort by time.
  const files = readdirSync(folder).sort()
  for (const old of files.slice(0, Math.max(0, files.length - FILES_MAX))) rmSync(join(folder, old), { force: true })
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "not-written"
