// /api/v1/targets
import { SecretDenied, SecretReader } from "@fluxcybers/core"
import { Executors, SecretSource, type Target, Targets } from "@fluxcybers/executor"
import { scanHostKey } from "@fluxcybers/executor/ssh"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/api.ts"
import { Caller, type CallerIdentity } from "../api/authentication.ts"
import { asProblem } from "./problem.ts"

export const targetHandlers = HttpApiBuilder.group(
  Api,
  "targets",
  Effect.fn(function* (handlers) {
    const targets = yield* Targets
    const executors = yield* Executors
    const source = yield* SecretSource
    return handlers.handleAll({
      list: Effect.fn("targets.list")(function* () {
        return yield* targets.list((yield* Caller).organisation)
      }),
      add: Effect.fn("targets.add")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(targets.add({ organisation, actor, settings: payload }))
      }),
      scan: Effect.fn("targets.scan")(function* ({ payload }) {
        return yield* asProblem(scanHostKey(payload))
      }),
      change: Effect.fn("targets.change")(function* ({ params, payload }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(targets.change({ organisation, actor, target: params.target, settings: payload }))
      }),
      test: Effect.fn("targets.test")(function* ({ params }) {
        const caller = yield* Caller
        const target = yield* asProblem(targets.get(caller.organisation, params.target))
        const check = executors.find("ssh")?.check
        if (check === undefined) return { ok: false, detail: "This server has no executor that can reach a target." }
        return yield* check({ target }).pipe(
          Effect.scoped,
          Effect.provideService(SecretReader, credentialReader(source, caller, target)),
          Effect.match({
            onSuccess: () => ({
              ok: true,
              detail: `Signed in to ${target.name} as ${target.account}. Nothing was run.`
            }),
            onFailure: (error) => ({ ok: false, detail: error.message })
          })
        )
      }),
      remove: Effect.fn("targets.remove")(function* ({ params }) {
        const { organisation, actor } = yield* Caller
        yield* asProblem(targets.remove({ organisation, actor, target: params.target }))
      })
    })
  })
)

/** Reads the target's own credential and nothing else; the reveal stands in the audit log. */
const credentialReader = (source: SecretSource["Service"], caller: CallerIdentity, target: Target) =>
  SecretReader.of({
    reveal: Effect.fnUntraced(function* (name: string) {
      if (name !== target.credential) return yield* new SecretDenied({ secret: name, reason: "not-in-plan" })
      const { organisation, actor } = caller
      const version = yield* source.version(organisation, name)
      return yield* source.reveal({ organisation, actor, name, version, purpose: `test of target ${target.id}` })
    })
  })
