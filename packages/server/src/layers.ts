// Where core, vault and executor meet: the services of a server, from its settings and its data directory.
import {
  auditLogLayer,
  auditRetentionLayer,
  auditSlotsLayer,
  coreInventory,
  Database,
  migrate,
  orStorageFailure,
  verifyInventory
} from "@fluxcybers/core"
import { postgresLayer } from "@fluxcybers/core/postgres"
import { sqliteLayer } from "@fluxcybers/core/sqlite"
import {
  BoundedGrants,
  Dispatcher,
  Executors,
  executorInventory,
  executorMigrations,
  Gate,
  localExecutor,
  Policies,
  Reviews,
  Runbooks,
  Scheduler,
  Schedules,
  Targets,
  TranscriptRetention,
  TranscriptSearch,
  Transcripts,
  TransferredFiles
} from "@fluxcybers/executor"
import { loadPlugins } from "@fluxcybers/executor/plugins"
import { DEFAULT_SETTINGS, SshDefaults, sshExecutor } from "@fluxcybers/executor/ssh"
import { erasureJournalFileLayer, keyRotationLayer, loadLogKey, vaultInventory, vaultLayer } from "@fluxcybers/vault"
import { Effect, Layer } from "effect"
import type { Settings } from "./configuration.ts"
import { ApprovalKeyRegister } from "./data/approval-keys.ts"
import { approvalKeysLayer } from "./data/approval-keys-of-gate.ts"
import { Callers } from "./data/callers.ts"
import type { DataDirectory } from "./data/data-directory.ts"
import { Idempotency } from "./data/idempotency.ts"
import { LogRetention } from "./data/log-retention.ts"
import { MemberRegister } from "./data/members.ts"
import { OwnerLink } from "./data/owner-link.ts"
import { sealedColumns } from "./data/sealed-columns.ts"
import { subjectRecordsLayer } from "./data/subject-records.ts"
import { serverInventory, serverMigrations } from "./data/tables.ts"
import { Tokens } from "./data/tokens.ts"
import { TranscriptPeriod } from "./data/transcript-period.ts"
import { readWitnessPolicy } from "./data/witness-policy-file.ts"
import { membersLayer, secretSourceLayer } from "./executor-ports.ts"
import { notificationsLayer } from "./notify/notifications-layer.ts"
import { occurrencesLayer } from "./notify/tell.ts"
import { rootKeyLayer } from "./root-key.ts"

/** How long a stop waits for what runs. What still runs then is settled as unknown by the next start. */
const DRAIN_MS = 10_000

export const inventory = [...coreInventory, ...vaultInventory, ...executorInventory, ...serverInventory]

/** Every service of a server. Brings all tables up to date, and does not start on a database with a column that nobody declared. */
export const servicesLayer = (settings: Settings, directory: DataDirectory) =>
  Layer.effectDiscard(verifyInventory(inventory)).pipe(
    Layer.provideMerge(Layer.succeed(SshDefaults, { ...DEFAULT_SETTINGS, ...settings.ssh })),
    Layer.provideMerge(TranscriptPeriod.layer(settings.transcriptDays)),
    Layer.provideMerge(notificationsLayer(settings.outgoing, directory)),
    Layer.provideMerge(executorLayer(settings, directory)),
    Layer.provideMerge(occurrencesLayer),
    Layer.provideMerge(LogRetention.layer(settings.auditDays)),
    Layer.provideMerge(Layer.mergeAll(auditRetentionLayer, accountsLayer)),
    Layer.provideMerge(auditSlotsLayer),
    Layer.provideMerge(keyRotationLayer(sealedColumns)),
    Layer.provideMerge(vaultLayer),
    Layer.provide(subjectRecordsLayer),
    Layer.provideMerge(keyedLayer(settings, directory)),
    Layer.provideMerge(databaseLayer(settings, directory))
  )

const databaseLayer = ({ databaseUrl }: Settings, { database }: DataDirectory): Layer.Layer<Database> =>
  databaseUrl === undefined ? sqliteLayer({ filename: database }) : postgresLayer({ url: databaseUrl })

/** The audit log and the root key, from their files. A file that is missing is made at the very first start only: later it was lost. */
const keyedLayer = (settings: Settings, directory: DataDirectory) =>
  Layer.unwrap(
    Effect.gen(function* () {
      yield* migrate("server", serverMigrations)
      yield* migrate("executor", executorMigrations)
      const createIfMissing = yield* isFirstStart
      const key = yield* loadLogKey({ path: directory.logKey, createIfMissing })
      const { witnessPolicy } = settings
      const policy = witnessPolicy === undefined ? {} : { policy: yield* readWitnessPolicy(witnessPolicy) }
      return Layer.mergeAll(
        rootKeyLayer(settings, directory, createIfMissing),
        erasureJournalFileLayer({ path: directory.erasures }),
        auditLogLayer({
          origin: key.name,
          key,
          journal: directory.journal,
          node: nodeOf(settings, directory),
          ...policy
        })
      )
    })
  )

const nodeOf = ({ nodeId }: Settings, directory: DataDirectory): string => nodeId ?? directory.nodeId

const isFirstStart = Effect.gen(function* () {
  const { sql } = yield* Database
  return (yield* orStorageFailure(sql`SELECT id FROM server_organisations LIMIT 1`)).length === 0
})

const accountsLayer = Layer.mergeAll(Callers.layer, Idempotency.layer, OwnerLink.layer).pipe(
  Layer.provideMerge(Layer.mergeAll(MemberRegister.layer, Tokens.layer, ApprovalKeyRegister.layer))
)

const executorLayer = (settings: Settings, directory: DataDirectory) =>
  Layer.mergeAll(
    Gate.layer(),
    BoundedGrants.layer,
    Runbooks.layer,
    Schedules.layer,
    Scheduler.layer(),
    Transcripts.layer,
    TransferredFiles.layer,
    TranscriptRetention.layer,
    TranscriptSearch.layer,
    Dispatcher.layer({ node: nodeOf(settings, directory), drainMs: DRAIN_MS })
  ).pipe(
    Layer.provideMerge(Layer.mergeAll(Targets.layer, Policies.layer(), Reviews.layer, executorsLayer(settings))),
    Layer.provideMerge(Layer.mergeAll(membersLayer, secretSourceLayer, approvalKeysLayer))
  )

/** Ours, and those of plugins. A plugin that is refused keeps the server from starting: what was approved for it could not run. */
const executorsLayer = ({ localExecutor: hasLocal, plugins, directory, ssh }: Settings) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const loaded = plugins === undefined ? [] : yield* loadPlugins(plugins, { guarded: [directory] })
      return Executors.layer([sshExecutor(ssh), hasLocal && localExecutor, ...loaded])
    })
  )
