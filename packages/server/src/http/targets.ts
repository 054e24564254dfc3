// /api/v1/targets
import { type AuditLog, type Database, SecretDenied, SecretReader } from "@fluxcybers/core"
import {
  Executors,
  hostSecrets,
  importKnownHosts,
  type PinnedTarget,
  RunError,
  SecretSource,
  Targets
} from "@fluxcybers/executor"
import { SshDefaults, type SshSettings, scanHostKey, scanHostKeyThrough } from "@fluxcybers/executor/ssh"
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
    const ssh = yield* SshDefaults
    const provide = Effect.provideContext(yield* Effect.context<Targets | Database | AuditLog>())
    return handlers.handleAll({
      list: Effect.fn("targets.list")(function* () {
        return yield* targets.list((yield* Caller).organisation)
      }),
      add: Effect.fn("targets.add")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(targets.add({ organisation, actor, settings: payload }))
      }),
      scan: Effect.fn("targets.scan")(function* ({ payload }) {
        const { jump, ...address } = payload
        if (jump === undefined) return yield* asProblem(scanHostKey(address))
        const caller = yield* Caller
        const pinned = yield* asProblem(pinnedTarget(targets, caller, jump))
        return yield* asProblem(scanBehind(pinned, address, credentialReader(source, caller, pinned), ssh))
      }),
      importKnownHosts: Effect.fn("targets.importKnownHosts")(function* ({ payload }) {
        const { organisation, actor } = yield* Caller
        const { text, dryRun = false } = payload
        return yield* importKnownHosts({ organisation, actor, text, isDryRun: dryRun }).pipe(provide, asProblem)
      }),
      change: Effect.fn("targets.change")(function* ({ params, payload }) {
        const { organisation, actor } = yield* Caller
        return yield* asProblem(targets.change({ organisation, actor, target: params.target, settings: payload }))
      }),
      test: Effect.fn("targets.test")(function* ({ params }) {
        const caller = yield* Caller
        const target = yield* asProblem(pinnedTarget(targets, caller, params.target))
        const check = executors.find("ssh")?.check
        if (check === undefined) return { ok: false, detail: "This server has no executor that can reach a target." }
        return yield* check({ target }).pipe(
          Effect.scoped,
          Effect.provideService(SecretReader, credentialReader(source, caller, target)),
          Effect.match({
            onSuccess: () => signedIn(target),
            onFailure: ({ message }) => ({ ok: false, detail: message })
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

const pinnedTarget = Effect.fnUntraced(function* (
  targets: Targets["Service"],
  { organisation }: CallerIdentity,
  name: string
) {
  const pinned = yield* targets.pin(organisation, [yield* targets.get(organisation, name)])
  return pinned[0]!
})

const scanBehind = (jump: PinnedTarget, address: Address, reader: SecretReader["Service"], ssh: SshSettings) =>
  scanHostKeyThrough(jump, address, ssh).pipe(
    Effect.provideService(SecretReader, reader),
    Effect.mapError((reason) => new RunError({ executor: "ssh", reason }))
  )

interface Address {
  readonly host: string
  readonly port: number
}

const signedIn = (target: PinnedTarget) => ({
  ok: true,
  detail: `Signed in to ${target.name} as ${target.account}${way(target)}. Nothing was run.`
})

const way = ({ jumps = [] }: PinnedTarget): string =>
  jumps.length === 0 ? "" : ` through ${jumps.map(({ name }) => name).join(" and ")}`

/** Reads the credentials of the target and of the hosts on the way there, and nothing else; each reveal stands in the audit log. */
const credentialReader = (source: SecretSource["Service"], caller: CallerIdentity, target: PinnedTarget) =>
  SecretReader.of({
    reveal: Effect.fnUntraced(function* (name: string) {
      if (![target, ...(target.jumps ?? [])].flatMap(hostSecrets).includes(name))
        return yield* new SecretDenied({ secret: name, reason: "not-in-plan" })
      const { organisation, actor } = caller
      const version = yield* source.version(organisation, name)
      return yield* source.reveal({ organisation, actor, name, version, purpose: `test of target ${target.id}` })
    })
  })
