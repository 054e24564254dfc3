// Reading runbooks: by name or id, in a version.
import { type OrganisationId, SubjectCipher } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import { findRunbook, findRunbookVersion, type StoredRunbook, type StoredRunbookVersion } from "../store/runbooks.ts"
import { runbookPlace } from "../store/sealed.ts"
import { RunbookDocument } from "./document.ts"
import { runbookRefused as refused } from "./refusal.ts"

/** The runbook, also a retired one when its id is given; another organisation's is as unknown as one that never was. */
export const knownRunbook = Effect.fnUntraced(function* (organisation: OrganisationId, runbook: string) {
  return (
    (yield* findRunbook(organisation, runbook)) ??
    (yield* refused("unknown", `There is no runbook ${JSON.stringify(runbook)}. List them with "runbook list".`))
  )
})

/** One of its versions; the newest unless told. */
export const knownVersion = Effect.fnUntraced(function* (runbook: StoredRunbook, version = runbook.version) {
  return (
    (yield* findRunbookVersion(runbook.id, version)) ??
    (yield* refused(
      "unknown-version",
      `The runbook "${runbook.name}" has no version ${version}: 1 to ${runbook.version}.`
    ))
  )
})

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(RunbookDocument), { onExcessProperty: "error" })

/** What it says. A version that does not open is a defect: it was altered. */
export const openDocument = Effect.fnUntraced(function* (
  { organisation }: Pick<StoredRunbook, "organisation">,
  { runbook, version, document }: StoredRunbookVersion
) {
  const place = runbookPlace(organisation, runbook, version)
  const bytes = yield* Effect.orDie((yield* SubjectCipher).open(place, document))
  return yield* Effect.orDie(decode(new TextDecoder().decode(bytes)))
})
