// What `doctor` looks at on the machine of a server: its settings, its data directory, its database file. Everything is only read.

import { existsSync, statfsSync, statSync } from "node:fs"
import { join } from "node:path"
import { formatBytes } from "@fluxcybers/executor/view"
import { Effect } from "effect"
import type { Settings } from "../configuration.ts"
import { longPeriods } from "../data/long-periods.ts"
import { type Finding, ok, problem, skipped, warning } from "./doctor-report.ts"
import { rightsProblem } from "./profile-store.ts"

/** A recording of one run can have 1 GiB. */
const FREE_BYTES_MIN = 1024 ** 3
const MIB = 1024 ** 2

/** Names within the data directory, as the server makes them. */
const LOG_KEY_FILE = "log.key"
const DATABASE_FILE = "fluxcybers.db"

export const directoryFindings = Effect.fnUntraced(function* (settings: Settings) {
  const { directory } = settings
  if (!existsSync(directory)) {
    return [skipped("data", `${directory} is not there: no server has run here. Another folder: --data-dir`)]
  }
  const findings: ReadonlyArray<Finding> = [
    rightsFinding("data", directory, "700"),
    ...rootKeyFindings(settings),
    keyFinding(LOG_KEY_FILE, join(directory, LOG_KEY_FILE)),
    diskFinding(directory),
    mailFinding(settings),
    ...longPeriods(settings).map((long) => warning("retention", long.warning, `Set ${long.setting} to 90 or less`))
  ]
  return [...findings, yield* databaseFinding(settings)]
})

const mailFinding = ({ outgoing: { mail }, directory }: Settings): Finding =>
  mail.smtp === undefined
    ? skipped("mail", `no mail server is set (FLUXCYBERS_SMTP_URL): mails are files in ${join(directory, "mail")}`)
    : ok("mail", `mails go to ${mail.smtp.host}:${mail.smtp.port}, from ${mail.from}`)

const rightsFinding = (check: string, path: string, mode: string): Finding => {
  const wrong = rightsProblem(path)
  return wrong === undefined
    ? ok(check, `${path} is its owner's alone`)
    : problem(check, wrong, `chmod ${mode} ${path}`)
}

const rootKeyFindings = ({ rootKey, directory }: Settings): ReadonlyArray<Finding> => {
  switch (rootKey.provider) {
    case "file":
      return [keyFinding("root.key", rootKey.path ?? join(directory, "root.key"))]
    case "passphrase":
      return [
        keyFinding("passphrase", rootKey.passphraseFile),
        keyFinding("root.passphrase", join(directory, "root.passphrase"))
      ]
    case "transit":
      return [keyFinding("transit token", rootKey.tokenFile)]
    case "aws-kms":
      return [skipped("root key", `it is in AWS KMS: ${rootKey.keyId}`)]
  }
}

const keyFinding = (name: string, path: string): Finding =>
  existsSync(path)
    ? rightsFinding(name, path, "600")
    : problem(
        name,
        `${path} is missing`,
        "Restore it from a backup: without it the server does not start on its old data"
      )

const diskFinding = (directory: string): Finding => {
  const { bavail, bsize } = statfsSync(directory)
  const free = bavail * bsize
  const shown = `${Math.floor(free / MIB)} MiB free under ${directory}`
  return free >= FREE_BYTES_MIN
    ? ok("disk", shown)
    : problem("disk", shown, `Free some space: ${formatBytes(FREE_BYTES_MIN)} is what one recording may need`)
}

/** SQLite's own check of its file, through a connection that cannot write. */
const databaseFinding = Effect.fnUntraced(function* ({ databaseUrl, directory }: Settings) {
  if (databaseUrl !== undefined) return skipped("database", "PostgreSQL has its own tools (pg_amcheck)")
  const path = join(directory, DATABASE_FILE)
  if (!existsSync(path)) return skipped("database", `${path} is not there yet`)
  const { SqliteConnection, sqliteLayer } = yield* Effect.promise(() => import("@fluxcybers/core/sqlite"))
  return yield* Effect.flatMap(SqliteConnection, ({ use }) => use((database) => database.pragma("quick_check"))).pipe(
    Effect.provide(sqliteLayer({ filename: path, readonly: true })),
    Effect.map((rows) => checkFinding(path, rows)),
    // Whatever keeps it from being read is what the person wants to know.
    Effect.catchDefect((defect) =>
      Effect.succeed(
        problem("database", `${path}: ${defect instanceof Error ? defect.message : String(defect)}`, DAMAGED)
      )
    )
  )
})

/** `quick_check` answers one row `ok`, or a row for each fault. */
const checkFinding = (path: string, rows: unknown): Finding => {
  const [first] = rows as ReadonlyArray<{ readonly quick_check: string }>
  return first?.quick_check === "ok"
    ? ok("database", `${path} is sound (${Math.ceil(statSync(path).size / MIB)} MiB)`)
    : problem("database", `${path} is damaged: ${first?.quick_check}`, DAMAGED)
}

const DAMAGED = "Stop the server, keep a copy of the whole folder, and restore the last backup into a new one"
