// put, rotate and destroy: each one transaction with its audit entry.
import { AuditLog, Database } from "@fluxcybers/core"
import { Effect, Redacted } from "effect"
import { lastVersion, secretEvidence } from "../evidence/secret-evidence.ts"
import { Keyring } from "../keys/keyring.ts"
import { sealRecord } from "../record-cipher.ts"
import { type PutValue, SECRETS_MAX, type Secrets } from "../secrets.ts"
import { absence, acting, nowText, refused, secretPlace, summary } from "./secret.ts"
import { checkExpiry, checkName, checkSize } from "./secret-checks.ts"
import { secretStore } from "./secret-store.ts"

type Named = Parameters<Secrets["Service"]["destroy"]>[0]
type Write = Named & PutValue

export const makeWrites = Effect.gen(function* () {
  const { put, rotate } = yield* makePutAndRotate
  return { put, rotate, destroy: yield* makeDestroy }
})

const makePutAndRotate = Effect.gen(function* () {
  const database = yield* Database
  const log = yield* AuditLog
  const keyring = yield* Keyring
  const store = secretStore(database)
  const known = ({ organisation }: Named, id: string) =>
    Effect.map(secretEvidence(log, { organisation, id }), lastVersion)

  const write = Effect.fnUntraced(function* (input: Write, action: "secret.put" | "secret.rotated") {
    yield* checkName(input.name)
    yield* checkSize(input.name, input.value)
    const expiresAt = yield* checkExpiry(input.name, input.expiresAt)
    // Before the transaction: the first secret of an organisation makes its key, and the root key may be far away.
    const key = yield* Effect.orDie(keyring.current({ kind: "organisation", organisation: input.organisation }))
    const work = Effect.gen(function* () {
      const createdAt = yield* nowText
      const taken = yield* action === "secret.put" ? claim(input, createdAt) : advance(input, createdAt)
      const sealed = sealRecord(key, secretPlace(input, taken), Redacted.value(input.value))
      yield* store.insertVersion({ secret: taken.id, version: taken.version, sealed, createdAt, expiresAt })
      const facts = { version: taken.version, ...(expiresAt === null ? {} : { expiresAt }) }
      yield* log.record({ ...acting(input), action, object: taken.id, outcome: "success", facts })
      return summary((yield* store.findActive(input))!)
    })
    return yield* database.transaction(work)
  })

  const claim = Effect.fnUntraced(function* (input: Write, now: string) {
    if ((yield* store.count(input.organisation)) >= SECRETS_MAX) return yield* refused(input.name, "too-many")
    const taken = (yield* store.claim(input, now)) ?? (yield* refused(input.name, "exists"))
    const last = yield* known(input, taken.id)
    if (taken.version > last) return taken
    // The row was set back before it was destroyed. No two values may ever have one place.
    const version = last + 1
    yield* store.setVersion({ id: taken.id, version })
    return { id: taken.id, version }
  })

  const advance = Effect.fnUntraced(function* (input: Write, now: string) {
    const taken = (yield* store.advance(input, now)) ?? (yield* absence(store, input))
    return taken.version > (yield* known(input, taken.id)) ? taken : yield* refused(input.name, "rolled-back")
  })

  return {
    put: Effect.fn("Secrets.put")((input: Write) => write(input, "secret.put")),
    rotate: Effect.fn("Secrets.rotate")((input: Write) => write(input, "secret.rotated"))
  }
})

const makeDestroy = Effect.gen(function* () {
  const database = yield* Database
  const log = yield* AuditLog
  const store = secretStore(database)
  return Effect.fn("Secrets.destroy")(function* (input: Named) {
    yield* checkName(input.name)
    const work = Effect.gen(function* () {
      const destroyed = (yield* store.destroy(input, yield* nowText)) ?? (yield* absence(store, input))
      const known = yield* secretEvidence(log, { organisation: input.organisation, id: destroyed.id })
      const facts = { version: Math.max(destroyed.version, lastVersion(known)) }
      yield* log.record({
        ...acting(input),
        action: "secret.destroyed",
        object: destroyed.id,
        outcome: "success",
        facts
      })
    })
    return yield* database.transaction(work)
  })
})
