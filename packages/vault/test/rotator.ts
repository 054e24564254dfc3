// A process that rotates a key and kills itself at the n-th point: before, inside or after one of the vault's transactions. Prints
// "whole" when there are fewer points.
import { Database } from "@fluxcybers/core"
import { Effect, Layer, Schedule, Schema } from "effect"
import { KeyRotation, rootKeysLayer } from "../src/index.ts"
import { databaseAt } from "./database-at.ts"
import { acting, keyFile, rotatedVault } from "./rotation-vault.ts"

const Arguments = Schema.fromJsonString(
  Schema.Struct({
    location: Schema.Union([Schema.Struct({ sqlite: Schema.String }), Schema.Struct({ postgres: Schema.String })]),
    folder: Schema.String,
    logKey: Schema.String,
    kind: Schema.Literals(["root", "organisation", "index"]),
    /** The root key that wraps, and the one before it. */
    keys: Schema.Tuple([Schema.String, Schema.String]),
    point: Schema.Int
  })
)
const { location, folder, logKey, kind, keys, point } = Schema.decodeUnknownSync(Arguments)(process.argv[2])

let isCounting = false
let passed = 0
const pass = Effect.sync(() => {
  if (isCounting && ++passed === point) process.kill(process.pid, "SIGKILL")
})

const database = Layer.effect(
  Database,
  Effect.map(Database, (whole) =>
    Database.of({
      ...whole,
      transaction: (effect) =>
        pass.pipe(
          Effect.andThen(whole.transaction(Effect.tap(effect, () => pass))),
          Effect.tap(() => pass)
        )
    })
  )
).pipe(Layer.provide(databaseAt(location)))

const rootKey = rootKeysLayer({ current: keyFile(folder, keys[0]), previous: keyFile(folder, keys[1]) })
const program = Effect.gen(function* () {
  const rotation = yield* KeyRotation
  isCounting = true
  const { id } = yield* rotation.begin({ ...acting, scope: { kind } })
  const running = Effect.map(rotation.rotations(acting.organisation), (rotations) =>
    rotations.some((each) => each.id === id && each.state === "running")
  )
  yield* Effect.repeat(running, { while: (isRunning) => isRunning, schedule: Schedule.spaced("20 millis") })
  isCounting = false
})
await Effect.runPromise(Effect.provide(program, rotatedVault({ folder, database, rootKey, logKey })))
process.stdout.write("whole")
