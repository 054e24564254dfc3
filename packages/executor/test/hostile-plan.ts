// Plans for the tests of what an approver is shown, ordinary ones and ones made to deceive.
import fc from "fast-check"
import { hostileText } from "../../../repo/testing/hostile-text.ts"
import { bytesDigest, type PinnedTarget, type Plan, type WholePlan } from "../src/index.ts"

export const target = (changes: Partial<PinnedTarget> = {}): PinnedTarget => ({
  id: "target_01m86cevhretbsw7753gbh4rag" as PinnedTarget["id"],
  name: "web-1",
  host: "10.0.0.5",
  port: 22,
  account: "deploy",
  hostKey: "SHA256:abc",
  credential: "ssh/web",
  ...changes
})

export const plan = (changes: Partial<Plan> = {}): Plan => ({
  v: 1,
  nonce: "0".repeat(32),
  executor: "ssh",
  executorVersion: "1",
  targets: [target()],
  command: { _tag: "Argv", argv: ["df", "-h"] },
  env: {},
  secretEnv: {},
  secrets: [{ name: "ssh/web", version: 1 }],
  timeoutMs: 600_000,
  outputBytesMax: 64 * 1024 * 1024,
  access: "read",
  sentence: "Shows free disk space.",
  ...changes
})

export const script = (text: string): Pick<Plan, "command"> => ({ command: { _tag: "Script", script: text } })

export const whole = (changes: Partial<Plan> = {}, stdin?: Uint8Array): WholePlan => ({
  plan: plan({ ...changes, ...(stdin === undefined ? {} : { stdinDigest: bytesDigest(stdin) }) }),
  stdin
})

/** What a plan may hold: no lone surrogates, for which there are no bytes. */
const text = hostileText.map((any) => any.toWellFormed())

const mode = fc.integer({ min: 0, max: 0o777 }).map((bits) => bits.toString(8).padStart(4, "0"))

const command: fc.Arbitrary<Plan["command"]> = fc.oneof(
  fc
    .array(text, { minLength: 1, maxLength: 4 })
    .map(([first = "", ...rest]) => ({ _tag: "Argv" as const, argv: [first, ...rest] as const })),
  text.map((script) => ({ _tag: "Script" as const, script })),
  fc
    .record({
      path: text,
      mode,
      bytes: fc.nat(),
      fill: fc.option(fc.dictionary(text, text, { minKeys: 1, maxKeys: 2, noNullPrototype: true }))
    })
    .map(({ fill, ...file }) => ({ _tag: "Upload" as const, ...file, ...(fill === null ? {} : { fill }) })),
  fc.record({ _tag: fc.constant("Download" as const), path: text, bytesMax: fc.nat() }, { noNullPrototype: true })
)

const hostileHost = fc
  .record({
    name: text,
    host: text,
    account: text,
    hostKey: text,
    credential: text,
    port: fc.integer({ min: 1, max: 65_535 }),
    optional: fc.record(
      { revokedKeys: fc.array(text, { minLength: 1, maxLength: 2 }), passphrase: text },
      { requiredKeys: [] }
    )
  })
  .map(({ optional, ...fields }) => target({ ...fields, ...optional }))

const rollout = fc.record(
  {
    concurrency: fc.integer({ min: 1, max: 200 }),
    canary: fc.integer({ min: 1, max: 1_000 }),
    batch: fc.integer({ min: 1, max: 1_000 }),
    stopAfter: fc.integer({ min: 1, max: 1_000 })
  },
  { requiredKeys: ["stopAfter"], noNullPrototype: true }
)

const hostileTarget = fc
  .tuple(hostileHost, fc.array(hostileHost, { maxLength: 2 }), fc.option(text))
  .map(([host, jumps, selectedBy]) => ({
    ...host,
    ...(jumps.length === 0 ? {} : { jumps }),
    ...(selectedBy === null ? {} : { selectedBy })
  }))

const runbook = fc.record({
  id: fc.constant("runbook_01m86cevhretbsw7753gbh4rag" as NonNullable<Plan["runbook"]>["id"]),
  name: text,
  version: fc.integer({ min: 1, max: 99 }),
  parameters: fc.dictionary(text, text, { maxKeys: 2, noNullPrototype: true })
})

const variables = fc.dictionary(text, text, { maxKeys: 2, noNullPrototype: true })

/** Every text of it may be hostile, and standard input may be no text at all. */
export const hostilePlan: fc.Arbitrary<WholePlan> = fc
  .record({
    changes: fc.record({
      targets: fc.array(hostileTarget, { maxLength: 2 }),
      command,
      env: variables,
      secretEnv: variables,
      secrets: fc.array(fc.record({ name: text, version: fc.integer({ min: 1, max: 99 }) }), { maxLength: 2 }),
      timeoutMs: fc.integer({ min: 1, max: 86_400_000 }),
      outputBytesMax: fc.integer({ min: 1, max: 2 ** 30 }),
      sentence: text
    }),
    cwd: fc.option(text),
    rollout: fc.option(rollout),
    runbook: fc.option(runbook),
    hosts: fc.option(fc.array(text, { minLength: 1, maxLength: 2 })),
    recoverable: fc.option(
      fc.record(
        { askMs: fc.integer({ min: 1, max: 86_400_000 }), keepMs: fc.integer({ min: 1, max: 2_592_000_000 }) },
        { noNullPrototype: true }
      )
    ),
    stdin: fc.option(
      fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        text.map((any) => new TextEncoder().encode(any))
      )
    )
  })
  .map(({ changes, cwd, rollout, runbook, hosts, recoverable, stdin }) =>
    whole(
      {
        ...changes,
        ...(cwd === null ? {} : { cwd }),
        ...(rollout === null ? {} : { rollout }),
        ...(runbook === null ? {} : { runbook }),
        ...(hosts === null ? {} : { hosts }),
        ...(recoverable === null ? {} : { recoverable })
      },
      stdin ?? undefined
    )
  )
