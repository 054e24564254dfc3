// Files that were fetched (kept sealed with what their runs said) and those that are to be put on a target, handed to people.
import {
  type Actor,
  AuditLog,
  Database,
  type ExecutionId,
  type OrganisationId,
  type RunId,
  SubjectCipher
} from "@fluxcybers/core"
import { Context, Effect, Layer, Option, Schema, Stream } from "effect"
import type { Run } from "./execution.ts"
import { headerOf } from "./gate/look.ts"
import type { ExecutionNotFound } from "./gate/refusal.ts"
import { openFilePieces } from "./store/chunks.ts"
import { openExecution, openPlan, openStdin } from "./store/execution-reads.ts"
import { findPurge } from "./store/transcript-purges.ts"
import { TranscriptPurged } from "./transcripts.ts"

/** At most 2 MiB are held at a time. */
const PAGE_PIECES = 32

/** Of which execution. */
export interface UploadedRequest {
  readonly organisation: OrganisationId
  readonly execution: ExecutionId
}

/** Which file that was fetched, and who wants it. */
export interface FileRequest extends UploadedRequest {
  /** The caller has made sure that they may have it (`execution.download`). */
  readonly actor: Actor
  /** Its run's id, or the name of its target; not needed where there is one run. */
  readonly run?: string
}

/** A file as it was on the target. */
export interface OpenedFile {
  /** The run that fetched it. */
  readonly run: RunId
  /** Absolute path on the target. */
  readonly path: string
  readonly bytes: number
  /** SHA-256 (hex). */
  readonly digest: string
  /** A piece that was altered does not open: a defect. */
  readonly content: Stream.Stream<Uint8Array>
}

/** There is no such file. Nothing was handed out. */
export class FileUnavailable extends Schema.TaggedError<FileUnavailable>()("FileUnavailable", {
  execution: Schema.String,
  reason: Schema.Literals(["no-download", "no-upload", "which-run", "unknown-run", "not-fetched"])
}) {
  override get message() {
    return `${this.execution} ${REASONS[this.reason]}`
  }
}

const REASONS = {
  "no-download": "fetches no file. What it wrote is in its transcript.",
  "no-upload": "puts no file on a target.",
  "which-run": "fetches a file from several targets. Name one of its runs, or a target.",
  "unknown-run": "has no such run.",
  "not-fetched": "has not fetched the file whole (yet): look at the state of its run."
} as const

/** Files of executions. */
export class TransferredFiles extends Context.Service<
  TransferredFiles,
  {
    /** A file that was fetched. Writes `execution.file-opened` to the audit log before the first byte is handed out. */
    fetched(request: FileRequest): Effect.Effect<OpenedFile, ExecutionNotFound | FileUnavailable | TranscriptPurged>
    /** The content that the plan puts on its targets: for whoever decides, where the view does not show it. */
    uploaded(request: UploadedRequest): Effect.Effect<Uint8Array, ExecutionNotFound | FileUnavailable>
  }
>()("fluxcybers/executor/TransferredFiles") {
  static readonly layer: Layer.Layer<TransferredFiles, never, Services> = Layer.effect(
    TransferredFiles,
    Effect.map(Effect.context<Services>(), (context) =>
      TransferredFiles.of({
        fetched: (request) => Effect.provideContext(fetched(request), context),
        uploaded: (request) => Effect.provideContext(uploaded(request), context)
      })
    )
  )
}

type Services = Database | AuditLog | SubjectCipher

const uploaded = Effect.fn("TransferredFiles.uploaded")(function* ({ organisation, execution }: UploadedRequest) {
  const header = yield* headerOf(organisation, execution)
  const { command } = yield* Effect.orDie(openPlan(header))
  const content = command._tag === "Upload" ? yield* Effect.orDie(openStdin(header)) : undefined
  return content ?? (yield* new FileUnavailable({ execution, reason: "no-upload" }))
})

const fetched = Effect.fn("TransferredFiles.fetched")(function* (request: FileRequest) {
  const header = yield* headerOf(request.organisation, request.execution)
  const { id, plan, runs } = yield* openExecution(header)
  const refused = (reason: FileUnavailable["reason"]) => new FileUnavailable({ execution: id, reason })
  if (plan.command._tag !== "Download") return yield* refused("no-download")
  const purge = yield* findPurge(id)
  if (purge !== undefined) return yield* new TranscriptPurged({ execution: id, purgedAt: purge.purged_at })
  const run = yield* chosen(runs, request.run, refused)
  const file = run.outcome?.file
  if (file === undefined) return yield* refused("not-fetched")
  yield* (yield* Database).transaction(
    (yield* AuditLog).record({
      organisation: request.organisation,
      actor: request.actor,
      action: "execution.file-opened",
      object: id,
      outcome: "success",
      facts: { run: run.id, fileBytes: file.bytes }
    })
  )
  const content = Stream.provideContext(pieces(header, run.id), yield* Effect.context<Services>())
  return { run: run.id, path: plan.command.path, ...file, content } satisfies OpenedFile
})

const chosen = (
  runs: ReadonlyArray<Run>,
  wanted: string | undefined,
  refused: (reason: FileUnavailable["reason"]) => FileUnavailable
): Effect.Effect<Run, FileUnavailable> => {
  const found = runs.filter(({ id, targetName }) => wanted === undefined || id === wanted || targetName === wanted)
  const [run] = found
  if (run === undefined) return Effect.fail(refused("unknown-run"))
  return found.length === 1 ? Effect.succeed(run) : Effect.fail(refused("which-run"))
}

const pieces = (execution: Parameters<typeof openFilePieces>[0], run: RunId) =>
  Stream.paginate(
    0,
    Effect.fnUntraced(function* (after) {
      const page = yield* openFilePieces(execution, { run, after, limit: PAGE_PIECES })
      const isLast = page.length < PAGE_PIECES
      const next = isLast ? Option.none<number>() : Option.fromUndefinedOr(page.at(-1)?.sequence)
      return [page.map(({ bytes }) => bytes), next] as const
    })
  )
