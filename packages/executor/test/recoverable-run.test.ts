// Runs that outlive their connection and their server, on a real sshd.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Deferred, Effect, Exit, Layer, Scope } from "effect"
import { afterAll, beforeAll, describe, expect } from "vitest"
import { databases } from "../../../repo/testing/databases.ts"
import { type Sshd, startSshd } from "../../../repo/testing/sshd.ts"
import { sshd } from "../../../repo/testing/system-programs.ts"
import { type Executor, Gate, Targets } from "../src/index.ts"
import { sshExecutor } from "../src/ssh/index.ts"
import { fingerprintOfText } from "./ssh-servers.ts"
import {
  actionsOn,
  ada,
  agent,
  decideAs,
  dispatcherLayer,
  ended,
  gateLayer,
  makeWorld,
  organisation,
  outputOf,
  proposeAs,
  type World
} from "./world.ts"

const CANARY = "canary-4c1f0b7e55aa"
const LONG_TEST_MS = 60_000

/** Where nobody reaps orphans, a process that was killed stays as a zombie. */
const isRunning = (pid: string) =>
  existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))

const settingsOf = ({ host, port, account, hostKeys }: Sshd) => {
  const hostKey = fingerprintOfText(hostKeys.ed25519)
  return { name: "web-1", host, port, account, hostKey, credential: "ssh/ops", tags: [] }
}

// OpenSSH's sshd is not on every machine; the closing summary says how to install it.
describe.skipIf(sshd() === undefined).each(databases)("a recoverable run on $name", (database) => {
  let server: Sshd
  beforeAll(async () => {
    server = (await startSshd())!
  })
  afterAll(() => server?.stop())

  /** A gate whose world has the target `web-1`; the dispatchers are the test's own. */
  const withTarget = <A, E>(
    use: (world: World) => Effect.Effect<A, E, Layer.Success<ReturnType<typeof gateLayer>>>,
    wrap = (executor: Executor) => executor
  ) =>
    Effect.gen(function* () {
      const executor = wrap(yield* sshExecutor({ connectMs: 5_000 }))
      const world = makeWorld({
        executors: [executor, { ...executor, id: "plain", recovery: undefined }],
        secrets: new Map([
          ["ssh/ops", { version: 1, value: server.privateKey }],
          ["app/token", { version: 1, value: CANARY }]
        ])
      })
      const settings = settingsOf(server)
      return yield* Effect.andThen(
        Effect.flatMap(Targets, (targets) => targets.add({ organisation, actor: ada, settings })),
        use(world)
      ).pipe(Effect.provide(gateLayer(world, database)))
    }).pipe(Effect.scoped)

  const propose = Effect.fnUntraced(function* (script: string, more: object = {}) {
    const input = { script, recoverable: {}, ...more }
    return yield* decideAs(ada, yield* proposeAs(agent, { executor: "ssh", input, targets: ["web-1"] }))
  })

  const spool = () => join(server.home, ".fluxcybers/runs")
  const waitFor = (isThere: () => boolean) =>
    Effect.gen(function* () {
      while (!isThere()) yield* Effect.sleep(20)
    })
  const linesIn = (file: string) => (existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0)
  /** A dispatcher that is gone once that holds. */
  const crashWhen = Effect.fnUntraced(function* (isThere: () => boolean) {
    const scope = yield* Scope.make()
    yield* Layer.buildWithScope(Layer.fresh(dispatcherLayer({ drainMs: 0 })), scope)
    yield* waitFor(isThere)
    yield* Scope.close(scope, Exit.void)
  })
  const fresh = () => Layer.fresh(dispatcherLayer())
  let count = 0
  const mark = () => join(server.home, `mark-${++count}`)

  it.live("leaves nothing on the target, and its output, exit status and input are those of any run", () =>
    withTarget(() =>
      Effect.gen(function* () {
        const script = `echo out $NAME; echo err >/dev/stderr; cat; stat -c %a ${spool()} ${spool()}/*; sleep 0.3; exit 3`
        const { id } = yield* propose(script, { env: { NAME: "it's" }, stdin: "input\n" })
        const execution = yield* Effect.andThen(
          waitFor(() => existsSync(spool()) && readdirSync(spool()).length > 0),
          Effect.tap(ended(id), () => waitFor(() => readdirSync(spool()).length === 0))
        ).pipe(Effect.provide(fresh()))
        expect(execution).toMatchObject({ state: "failed", runs: [{ outcome: { exitCode: 3 } }] })
        expect((yield* outputOf(id)).split("\n").sort()).toEqual(["", "700", "700", "err", "input", "out it's"].sort())
      })
    )
  )

  it.live(
    "goes on when its connection is cut, and nothing of its output is missing or there twice",
    () =>
      withTarget(() =>
        Effect.gen(function* () {
          const file = mark()
          const script = `for i in 1 2 3 4 5 6 7 8; do echo line $i; echo x >>${file}; sleep 0.2; done`
          const { id } = yield* propose(script)
          const cutting = Effect.gen(function* () {
            for (const lines of [2, 5]) {
              yield* waitFor(() => linesIn(file) >= lines)
              server.cutConnections()
            }
          })
          const [execution] = yield* Effect.all([ended(id), cutting], { concurrency: 2 }).pipe(Effect.provide(fresh()))
          expect(execution).toMatchObject({ state: "succeeded" })
          expect(yield* outputOf(id)).toBe([1, 2, 3, 4, 5, 6, 7, 8].map((i) => `line ${i}\n`).join(""))
          expect(linesIn(file)).toBe(8)
        })
      ),
    LONG_TEST_MS
  )

  it.live(
    "goes on without its server; the next one takes it over, and what is secret stays masked across the break",
    () =>
      withTarget(() =>
        Effect.gen(function* () {
          const [file, go] = [mark(), mark()]
          const cut = 8
          const script = `echo before; printf %s "$(echo $TOKEN | cut -c 1-${cut})"; echo x >>${file}
while [ ! -e ${go} ]; do sleep 0.05; done
echo "$(echo $TOKEN | cut -c ${cut + 1}-)"; echo after; exit 0`
          const { id } = yield* propose(script, { secretEnv: { TOKEN: "app/token" } })
          yield* crashWhen(() => linesIn(file) > 0)
          expect(yield* (yield* Gate).get(organisation, id)).toMatchObject({ state: "running" })
          const execution = yield* Effect.gen(function* () {
            writeFileSync(go, "")
            return yield* ended(id)
          }).pipe(Effect.provide(fresh()))
          expect(execution).toMatchObject({ state: "succeeded", runs: [{ outcome: { exitCode: 0 } }] })
          expect(yield* outputOf(id)).toBe("before\n***\nafter\n")
          expect(linesIn(file)).toBe(1)
          expect(yield* actionsOn(id)).toContain("execution.taken-over")
        })
      ),
    LONG_TEST_MS
  )

  it.live(
    "that ended while no server was there has the outcome that it had",
    () =>
      withTarget(() =>
        Effect.gen(function* () {
          const file = mark()
          const { id } = yield* propose(`echo one; echo x >>${file}; sleep 0.5; echo two; echo x >>${file}; exit 7`)
          yield* crashWhen(() => linesIn(file) === 1)
          yield* waitFor(() => linesIn(file) === 2)
          const execution = yield* ended(id).pipe(Effect.provide(fresh()))
          expect(execution).toMatchObject({ state: "failed", runs: [{ outcome: { exitCode: 7 } }] })
          expect(yield* outputOf(id)).toBe("one\ntwo\n")
        })
      ),
    LONG_TEST_MS
  )

  it.live(
    "is cancelled by the server that took it over, with everything in its group",
    () =>
      withTarget(() =>
        Effect.gen(function* () {
          const file = mark()
          const { id } = yield* propose(`echo on; (sleep 300) & echo $! >>${file}; sleep 300`)
          yield* crashWhen(() => linesIn(file) > 0)
          yield* (yield* Gate).cancel({ organisation, actor: ada, execution: id })
          const execution = yield* ended(id).pipe(Effect.provide(fresh()))
          expect(execution).toMatchObject({ state: "cancelled" })
          expect(yield* outputOf(id)).toBe("on\n")
          expect(isRunning(readFileSync(file, "utf8").trim())).toBe(false)
        })
      ),
    LONG_TEST_MS
  )

  it.live(
    "is stopped on its target at its time limit, also while nobody is there",
    () =>
      withTarget(() =>
        Effect.gen(function* () {
          const file = mark()
          const script = `trap 'echo x >>${file}; exit 1' TERM; echo x >>${file}; sleep 30 & wait`
          const { id } = yield* propose(script, { timeoutMs: 2_000 })
          yield* crashWhen(() => linesIn(file) === 1)
          yield* waitFor(() => linesIn(file) === 2)
          expect(yield* ended(id).pipe(Effect.provide(fresh()))).toMatchObject({ state: "timed_out" })
        })
      ),
    LONG_TEST_MS
  )

  it.live(
    "is unknown only after its target gave no answer for as long as the plan says",
    () =>
      withTarget((world) =>
        Effect.gen(function* () {
          const own = (yield* Effect.promise(() => startSshd()))!
          world.secrets.set("ssh/ops", { version: 1, value: own.privateKey })
          const settings = { ...settingsOf(own), name: "gone" }
          yield* (yield* Targets).add({ organisation, actor: ada, settings })
          const file = mark()
          const input = { script: `echo x >>${file}; sleep 60`, recoverable: { askMs: 1_000 } }
          const { id } = yield* decideAs(ada, yield* proposeAs(agent, { executor: "ssh", input, targets: ["gone"] }))
          const leaving = Effect.gen(function* () {
            yield* waitFor(() => linesIn(file) > 0)
            own.cutConnections()
            yield* Effect.promise(() => own.stop())
          })
          const [execution] = yield* Effect.all([ended(id), leaving], { concurrency: 2 }).pipe(Effect.provide(fresh()))
          expect(execution).toMatchObject({
            state: "unknown",
            detail: expect.stringMatching(
              /^The target gave no answer for 1 s\..*The last attempt: Target "gone" could not/
            )
          })
        })
      ),
    LONG_TEST_MS
  )

  it.live(
    "that a server wanted to start and did not is never started, also when that server wakes up late",
    () => {
      const late = Deferred.makeUnsafe<void>()
      const asleep = (executor: Executor): Executor => ({
        ...executor,
        recovery: {
          ...executor.recovery!,
          follow: (context) =>
            context.isNew
              ? Effect.andThen(Deferred.await(late), executor.recovery!.follow(context))
              : executor.recovery!.follow(context)
        }
      })
      return withTarget(
        () =>
          Effect.gen(function* () {
            const file = mark()
            const { id } = yield* propose(`echo x >>${file}`)
            const scope = yield* Scope.make()
            yield* Layer.buildWithScope(Layer.fresh(dispatcherLayer()), scope)
            const gate = yield* Gate
            while ((yield* gate.get(organisation, id)).runs[0]?.state !== "running") yield* Effect.sleep(10)
            const execution = yield* ended(id).pipe(Effect.provide(fresh()))
            expect(execution).toMatchObject({ state: "failed", detail: expect.stringContaining("It did not run") })
            yield* Deferred.succeed(late, undefined)
            yield* Effect.sleep(500)
            expect(linesIn(file)).toBe(0)
            expect(yield* gate.get(organisation, id)).toEqual(execution)
            yield* Scope.close(scope, Exit.void)
          }),
        asleep
      )
    },
    LONG_TEST_MS
  )

  it.live("is refused of an executor whose runs end with it", () =>
    withTarget(() =>
      Effect.gen(function* () {
        const input = { script: "true", recoverable: {} }
        const refused = yield* Effect.flip(proposeAs(agent, { executor: "plain", input, targets: ["web-1"] }))
        expect(refused).toMatchObject({
          reason: "invalid-input",
          detail: expect.stringContaining("cannot be recoverable")
        })
      })
    )
  )
})
