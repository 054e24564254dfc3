// Wrapping keys under a new root key, against updating the same rows directly: a file of SQLite, pages of the same size, wall time.
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { auditLogLayer, Database, ephemeralSigningKey, OrganisationId, SystemActor } from "@fluxcybers/core"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import {
  KeyId,
  KeyRotation,
  keyRotationLayer,
  RootKey,
  rootKeyFileLayer,
  rootKeysLayer,
  vaultLayer
} from "@fluxcybers/vault"
import { Effect, Layer, Schedule } from "effect"
import type { Measured } from "./main.ts"

const LOG = "bench.example/rotation"
const LOG_KEY = ephemeralSigningKey(LOG)
const PAGE = 500
const ORGANISATION = OrganisationId.make("org_0000000000000000000bench01")
const ACTING = {
  organisation: ORGANISATION,
  actor: new SystemActor({ component: "bench" }),
  scope: { kind: "root" }
} as const

/** Time of a rotation in times of the bare updates. `node repo/bench/rotation.ts 1000000` measures a million keys. */
export const benchRotation = async (keys = 20_000): Promise<ReadonlyArray<Measured>> => {
  const folder = mkdtempSync(join(tmpdir(), "fluxcybers-bench-"))
  const file = (name: string) => rootKeyFileLayer({ path: join(folder, name), createIfMissing: true })
  const vault = (rootKey: Layer.Layer<RootKey, unknown>) =>
    keyRotationLayer().pipe(
      Layer.provideMerge(vaultLayer),
      Layer.provideMerge(auditLogLayer({ origin: LOG, key: LOG_KEY })),
      Layer.provideMerge(rootKey),
      Layer.provideMerge(sqliteLayer({ filename: join(folder, "bench.db") }))
    )
  const newer = rootKeysLayer({ current: file("b"), previous: file("a") })
  try {
    await Effect.runPromise(Effect.provide(seed(keys), vault(file("a"))))
    const { rotationMs, updatesMs, peakBytes } = await Effect.runPromise(Effect.provide(compare, vault(newer)))
    if (import.meta.main) console.log({ keys, rotationMs, updatesMs, peakMiB: Math.round(peakBytes / 2 ** 20) })
    return [
      { name: `rotation: ${keys} keys under a new root key, to updating their rows`, ratio: rotationMs / updatesMs }
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const seed = Effect.fnUntraced(function* (count: number) {
  const { sql, transaction } = yield* Database
  const root = yield* RootKey
  const { id: wrapped_by } = yield* root.describe
  for (let start = 0; start < count; start += PAGE) {
    const rows = yield* Effect.forEach(
      Array.from({ length: PAGE }, (_, i) => start + i),
      (i) => row(root, wrapped_by, i)
    )
    yield* transaction(
      Effect.forEach(rows, (each) => sql`INSERT INTO vault_keys ${sql.insert(each)}`, { discard: true })
    )
  }
})

const row = Effect.fnUntraced(function* (root: RootKey["Service"], wrapped_by: string, i: number) {
  const organisation = `org_${String(i).padStart(26, "0")}`
  const name = {
    id: KeyId.make(randomBytes(12).toString("hex")),
    version: 1,
    scope: { kind: "organisation", organisation: OrganisationId.make(organisation) }
  } as const
  const wrapped = yield* root.wrap(name, randomBytes(32))
  const created_at = "2026-01-01T00:00:00.000Z"
  const { id, version } = name
  return {
    id,
    scope_kind: "organisation",
    organisation,
    subject: "",
    version,
    state: "current",
    wrapped_by,
    wrapped,
    created_at
  }
})

const compare = Effect.gen(function* () {
  const rotation = yield* KeyRotation
  const startedAt = performance.now()
  yield* rotation.begin(ACTING)
  let peakBytes = 0
  const state = Effect.map(rotation.rotations(ORGANISATION), (rotations) => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss)
    return rotations[0]?.state
  })
  yield* Effect.repeat(state, { until: (found) => found === "completed", schedule: Schedule.spaced("100 millis") })
  const rotationMs = performance.now() - startedAt
  return { rotationMs, updatesMs: yield* bareUpdates, peakBytes }
})

/** The same rows, in the same pages, through the same driver. */
const bareUpdates = Effect.gen(function* () {
  const { sql, transaction } = yield* Database
  const startedAt = performance.now()
  let after = ""
  for (;;) {
    const page = yield* sql<{ id: string; wrapped: Uint8Array }>`SELECT id, wrapped FROM vault_keys
      WHERE id > ${after} ORDER BY id LIMIT ${PAGE}`
    const last = page.at(-1)
    if (last === undefined) return performance.now() - startedAt
    const update = ({ id, wrapped }: (typeof page)[number]) =>
      sql`UPDATE vault_keys SET wrapped = ${wrapped} WHERE id = ${id}`
    yield* transaction(Effect.forEach(page, update, { discard: true }))
    after = last.id
  }
})

if (import.meta.main) await benchRotation(Number(process.argv[2] ?? 20_000))
