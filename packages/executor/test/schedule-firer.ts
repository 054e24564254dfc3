// A process that fires what is due and kills itself at the n-th point: before the transaction, after the claim, in the middle of what is
// proposed, before the commit, or after it. Prints "whole" when there are fewer points.
import { Database, PersonId } from "@fluxcybers/core"
import { Effect, Layer, Schema } from "effect"
import { layerAt } from "../../../repo/testing/location.ts"
import { Scheduler } from "../src/index.ts"
import { scheduleHost } from "./schedule-host.ts"

const Arguments = Schema.fromJsonString(
  Schema.Struct({
    location: Schema.Union([Schema.Struct({ sqlite: Schema.String }), Schema.Struct({ postgres: Schema.String })]),
    owner: PersonId,
    point: Schema.Int
  })
)
const { location, owner, point } = Schema.decodeUnknownSync(Arguments)(process.argv[2])

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
      // The runs of an execution are written so, right after the claim and the execution.
      insertRows: (rows) => Effect.andThen(pass, Effect.andThen(whole.insertRows(rows), pass)),
      transaction: (effect) =>
        pass.pipe(
          Effect.andThen(whole.transaction(Effect.tap(effect, () => pass))),
          Effect.tap(() => pass)
        )
    })
  )
).pipe(Layer.provide(layerAt(location)))

const program = Effect.gen(function* () {
  const { look } = yield* Scheduler
  isCounting = true
  yield* look
  isCounting = false
})
await Effect.runPromise(Effect.provide(program, scheduleHost(owner, database)))
process.stdout.write("whole")
