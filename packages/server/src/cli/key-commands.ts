// `keys`: the root key, the versions of the organisation's key, their rotation and their check.
import type { RotationProgress } from "@fluxcybers/vault"
import { Effect, Option, Schedule } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { connect } from "./api.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { findingsText, rotationText, statusText } from "./key-view.ts"
import { reported } from "./long-work.ts"
import { answer, note } from "./output.ts"
import { dryRunFlag, yesFlag } from "./parameters.ts"
import { confirmed } from "./questions.ts"
import { visible } from "./visible-text.ts"

const POLL_MS = 1_000

const status = Command.make(
  "status",
  { dryRun: dryRunFlag("Changes nothing, as without it") },
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const found = yield* api((client) => client.keys.status())
    yield* answer(found, () => statusText(found))
  })
).pipe(
  Command.withDescription("Show which root key wraps the keys, the versions of your organisation's key, and rotations"),
  Command.withShortDescription("Show the root key, key versions and rotations"),
  Command.withExamples([{ command: "fluxcybers keys status" }])
)

const rotate = Command.make(
  "rotate",
  {
    which: Argument.Literals("key", ["root", "organisation", "subject", "index"]).pipe(
      Argument.withDescription(
        "root: wrap every key by the newest root key; organisation, subject: a new key version; index: new tokens"
      )
    ),
    subject: Flag.String("subject").pipe(
      Flag.withMetavar("ID"),
      Flag.withDescription("With subject: whose key, as in person_01…"),
      Flag.optional
    ),
    dryRun: dryRunFlag("Only say how many keys and values there are to do"),
    detach: Flag.Boolean("detach").pipe(
      Flag.withDescription("Do not wait for its end; see keys status"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    ),
    yes: yesFlag("Begin without asking")
  },
  Effect.fnUntraced(function* ({ which, subject, dryRun, detach, yes }) {
    const scope = yield* scopeOf(which, Option.getOrUndefined(subject))
    const api = yield* connect
    const plan = yield* api((client) => client.keys.plan({ payload: { scope } }))
    if (dryRun) return yield* answer(plan, () => `${plan.total} keys and values to do. Nothing was changed.\n`)
    if (!yes) yield* confirmed(`Rotate the ${which} key: ${plan.total} keys and values to do, beside everything else?`)
    const begun = yield* api((client) => client.keys.rotate({ payload: { scope } }))
    const ended = detach ? begun : yield* watched(begun)
    yield* answer(ended, () => rotationText(ended))
    if (ended.failed > 0) return yield* notAll(ended)
  })
).pipe(
  Command.withDescription("Rotate a key; the server goes on with it in the background, also after a restart"),
  Command.withShortDescription("Rotate the root key, or give a key a new version"),
  Command.withExamples([
    { command: "fluxcybers keys rotate organisation --dry-run" },
    { command: "fluxcybers keys rotate organisation --yes" },
    { command: "fluxcybers keys rotate root --yes --detach", description: "After the server got a new root key" }
  ])
)

const retire = Command.make(
  "retire",
  {
    key: Argument.String("key").pipe(Argument.withDescription("The version's id, from: fluxcybers keys status")),
    dryRun: dryRunFlag("Only say whether anything still needs it"),
    yes: yesFlag("Destroy it without asking")
  },
  Effect.fnUntraced(function* ({ key, dryRun, yes }) {
    const api = yield* connect
    const trial = yield* api((client) => client.keys.retire({ payload: { key, dryRun: true } }))
    if (dryRun) return yield* answer(trial, () => `Nothing needs version ${trial.version}. Nothing was changed.\n`)
    if (!yes) yield* confirmed(`Destroy version ${trial.version} for good: what was exported under it no longer opens?`)
    const retired = yield* api((client) => client.keys.retire({ payload: { key } }))
    yield* answer(retired, () => `Destroyed version ${retired.version}, ${visible(retired.id)}.\n`)
  })
).pipe(
  Command.withDescription("Destroy an older version of your organisation's key, if nothing needs it any more"),
  Command.withExamples([{ command: "fluxcybers keys retire 0f1e2d3c4b5a69788796a5b4 --dry-run" }])
)

const verify = Command.make(
  "verify",
  {
    dryRun: dryRunFlag("Leave no entry in the audit log"),
    all: Flag.Boolean("all").pipe(
      Flag.withDescription("Open every sealed value, not a sample of 100 of each column"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ dryRun, all }) {
    const api = yield* connect
    const messages = yield* api((client) => client.keys.verification({ payload: { dryRun, all } }))
    const found = yield* reported(messages, {
      what: "values looked at",
      done: ({ values }: { readonly values: number }) => values
    })
    yield* answer(found, () => findingsText(found))
    if (!found.isSound) return yield* notSound
  })
).pipe(
  Command.withDescription(
    "Check that sealed values have their keys and open, and that secrets and erasures are as the audit log says; exits with 1 otherwise"
  ),
  Command.withShortDescription("Check sealed values, and hold them against the audit log"),
  Command.withExamples([
    { command: "fluxcybers keys verify --json" },
    { command: "fluxcybers keys verify --all", description: "Finds a single value that was moved to another row" }
  ])
)

export const keys = Command.make("keys").pipe(
  Command.withDescription("The keys that seal everything: status, rotate, retire, verify"),
  Command.withSubcommands([status, rotate, retire, verify])
)

const scopeOf = (which: "root" | "organisation" | "subject" | "index", subject: string | undefined) => {
  if ((which === "subject") !== (subject !== undefined)) {
    return usageFailure("--subject names whose key it is: give it with subject, and only then.")
  }
  if (which !== "subject") return Effect.succeed({ kind: which })
  return Effect.succeed({ kind: which, subject: subject ?? "" })
}

/** Until its end; says how far it is when that changes. */
const watched = Effect.fnUntraced(function* (begun: RotationProgress) {
  const api = yield* connect
  const look = Effect.gen(function* () {
    const rotations = yield* api((client) => client.keys.rotations())
    const found = rotations.find(({ id }) => id === begun.id) ?? begun
    if (found.state === "running") yield* note(`${found.done} of ${found.total}…`)
    return found
  })
  return yield* Effect.repeat(look, { until: ({ state }) => state === "completed", schedule: Schedule.spaced(POLL_MS) })
})

const notAll = ({ failed }: RotationProgress) =>
  new CliFailure({
    exit: "failure",
    code: "rotation-incomplete",
    title: "Not everything was rotated",
    detail: `${failed} keys or values did not open and stay as they are. Find them with: fluxcybers keys verify`
  })

const notSound = new CliFailure({
  exit: "failure",
  code: "keys-damaged",
  title: "The keys or sealed values are damaged",
  detail:
    "Sealed values have no key or do not open, or the database was set back to before what the audit log says. Nothing was changed. Verify the log too: fluxcybers audit verify"
})
