// Keys and their rotations, as a person reads them.
import { labelled } from "@fluxcybers/executor/view"
import type { KeyFindings, KeyStatus, RotationProgress } from "@fluxcybers/vault"
import { moment } from "./moment.ts"
import { table } from "./table.ts"
import { visible } from "./visible-text.ts"

type KeyVersionRow = Omit<KeyStatus["versions"][number], "id"> & { readonly id: string }
export type Status = Omit<KeyStatus, "versions" | "indexVersions"> & {
  readonly versions: ReadonlyArray<KeyVersionRow>
  readonly indexVersions: ReadonlyArray<KeyVersionRow>
}

export const statusText = (status: Status): string => {
  const { rootKey, previousRootKeys } = status
  const roots = [rootKey, ...previousRootKeys].map(({ id, provider, location }, i) => [
    i === 0 ? "wraps what is new" : "only unwraps",
    provider,
    visible(id),
    String(status.wrappedBy.find((each) => each.rootKey === id)?.keys ?? 0),
    visible(location)
  ])
  return [
    table(["ROOT KEY", "PROVIDER", "ID", "KEYS", "WHERE"], roots, ""),
    versionTable("VERSION", status.versions),
    ...(status.indexVersions.length === 0 ? [] : [versionTable("INDEX", status.indexVersions)]),
    table(
      ["ROTATION", "STATE", "DONE", "NOT OPENED", "BEGAN", "ID"],
      status.rotations.map((each) => [
        each.scope,
        each.state,
        `${each.done} of ${each.total}`,
        String(each.failed),
        moment(each.startedAt),
        visible(each.id)
      ]),
      "No key was rotated yet."
    )
  ].join("\n")
}

const versionTable = (title: string, versions: ReadonlyArray<KeyVersionRow>): string =>
  table(
    [title, "STATE", "USES", "MADE", "ID"],
    versions.map(({ version, state, uses, createdAt, id }) => [
      String(version),
      state,
      String(uses),
      moment(createdAt),
      visible(id)
    ]),
    "Your organisation has no key yet: nothing was sealed."
  )

export const rotationText = ({ id, state, done, total, failed }: RotationProgress): string =>
  labelled([
    ["Rotation", visible(id)],
    ["State", state],
    ["Done", `${done} of ${total}`],
    ["Not opened", failed === 0 ? undefined : String(failed)]
  ])

export const findingsText = ({ columns, evidence, keysOpened, keysAltered, isSound }: KeyFindings): string =>
  [
    table(
      ["COLUMN", "VALUES", "OPENED", "ALTERED", "MALFORMED", "NO KEY", "ERASED"],
      columns.map((each) => [
        `${each.table}.${each.column}`,
        String(each.values),
        String(each.opened),
        String(each.altered),
        String(each.malformed),
        String(each.keyUnknown),
        String(each.keyDestroyed)
      ]),
      ""
    ),
    labelled([
      ["Key versions", `${keysOpened}, ${keysAltered} of them altered`],
      ...evidenceLines(evidence),
      ["Result", isSound ? "everything has its key, and what was opened opens" : "something is damaged or was set back"]
    ])
  ].join("\n")

/** What the database says, held against the log. */
const evidenceLines = (evidence: KeyFindings["evidence"]): ReadonlyArray<readonly [string, string | undefined]> => [
  ["Secrets", `${evidence.secrets}, ${evidence.secretsRolledBack.length} of them set back`],
  ["Set back", listed(evidence.secretsRolledBack)],
  ["Missing", listed(evidence.secretsMissing)],
  ["Purged", evidence.secretsWithoutEntry === 0 ? undefined : `${evidence.secretsWithoutEntry} secrets: rotate them`],
  ["Destroyed keys", `${evidence.keysDestroyed}, ${evidence.keysBroughtBack.length} of them are there again`],
  ["Brought back", listed(evidence.keysBroughtBack)],
  ["Erasures", `${evidence.shreddings}, ${evidence.shreddingsMissing.length} of them forgotten`],
  ["Forgotten", listed(evidence.shreddingsMissing)]
]

const listed = (ids: ReadonlyArray<string>): string | undefined =>
  ids.length === 0 ? undefined : ids.map(visible).join(", ")
