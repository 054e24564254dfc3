// Asking witnesses for cosignatures (https://c2sp.org/tlog-witness). Whoever then rewrites the log, cuts it or forks it, with whatever
// keys, gets no further cosignature.
import { hash } from "node:crypto"
import { Effect, Option, Result, Schema } from "effect"
import type { SqlClient } from "../database/sql.ts"
import { insertCosignature } from "./cosignatures.ts"
import { newestCheckpoint, type StoredCheckpoint } from "./log-store.ts"
import { openNote, signatureLine } from "./note.ts"
import { proveConsistency } from "./prover.ts"
import type { PolicyWitness, WitnessPolicy } from "./witness-policy.ts"
import { writeWitnessRequest } from "./witness-request.ts"

const ANSWER_TIME_MAX_MS = 10_000
const ANSWER_BYTES_MAX = 65_536
const SIZE_TYPE = "text/x.tlog.size"

/** A witness gave no cosignature. `fork` and `ahead` mean that this is not the log, or not all of it, that the witness saw before. */
class NotWitnessed extends Schema.TaggedError<NotWitnessed>()("NotWitnessed", {
  witness: Schema.String,
  reason: Schema.Literals(["unreachable", "unknown-log", "refused", "fork", "ahead", "bad-answer"]),
  /** HTTP status, system error, or the size that the witness saw. */
  detail: Schema.String
}) {
  override get message() {
    return `Witness ${this.witness} ${EXPLANATIONS[this.reason].replace("%", this.detail)}`
  }
}

const EXPLANATIONS = {
  unreachable: "did not answer (%). It is asked again.",
  "unknown-log": "does not know this log. Give its operator the log's verifier key.",
  refused: "refused the checkpoint (%).",
  fork: "saw another history of this log (%). Somebody rewrote the log, or this database is not the one it was.",
  ahead: "saw % entries of this log, which has fewer. The log was cut off, or an older copy was restored.",
  "bad-answer": "answered something that is not a cosignature (%)."
} as const

/** Sends the newest checkpoint to a witness, which saw `old` entries as far as is known; the size that it has seen then. */
const submitCheckpoint = Effect.fn("AuditLog.submitCheckpoint")(function* (
  sql: SqlClient.SqlClient,
  witness: PolicyWitness,
  old: number
) {
  const checkpoint = yield* newestCheckpoint(sql)
  if (checkpoint === undefined || checkpoint.size === old) return old
  const answer = yield* ask(sql, { witness, checkpoint, old })
  if (answer.conflict === undefined) return yield* keep(sql, { witness, checkpoint, lines: answer.lines })
  if (answer.conflict > checkpoint.size) return yield* failure(witness, "ahead", String(answer.conflict))
  const again = yield* ask(sql, { witness, checkpoint, old: answer.conflict })
  if (again.conflict !== undefined) return yield* failure(witness, "refused", "409")
  return yield* keep(sql, { witness, checkpoint, lines: again.lines })
})

interface Submission {
  readonly witness: PolicyWitness
  readonly checkpoint: StoredCheckpoint
  readonly old: number
}

const ask = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, { witness, checkpoint, old }: Submission) {
  const { size, note } = checkpoint
  const proof =
    old === 0 || old === size ? [] : yield* Effect.orDie(proveConsistency(sql, { first: old, second: size }))
  const body = writeWitnessRequest({ old: BigInt(old), proof, checkpoint: note })
  const { status, type, text } = yield* post(witness, body)
  if (status === 200) return { lines: text, conflict: undefined }
  if (status === 409 && type === SIZE_TYPE && /^(0|[1-9][0-9]{0,14})\n$/.test(text)) {
    return { lines: "", conflict: Number(text) }
  }
  if (status === 404) return yield* failure(witness, "unknown-log", "404")
  return yield* failure(witness, status === 409 || status === 422 ? "fork" : "refused", String(status))
})

/** What the policy's witnesses cosigned last of the log with this name, as far as they answer: each with its own cosignature. */
export const fetchWitnessed = Effect.fn("AuditLog.fetchWitnessed")(function* (policy: WitnessPolicy, origin: string) {
  const path = `${hash("sha256", origin)}/checkpoint`
  const asked = policy.witnesses.filter(({ url }) => url !== undefined)
  const answers = yield* Effect.forEach(asked, (witness) => Effect.option(call(witness, path, {})), {
    concurrency: "unbounded"
  })
  return asked.flatMap(({ verifier }, i) => {
    const answer = Option.getOrUndefined(answers[i]!)
    const isCosigned = answer?.status === 200 && Result.isSuccess(openNote(answer.text, [verifier]))
    return isCosigned ? [answer.text] : []
  })
})

const post = (witness: PolicyWitness, body: string) =>
  call(witness, "add-checkpoint", { method: "POST", body, headers: { "content-type": "text/plain; charset=utf-8" } })

const call = Effect.fnUntraced(function* (witness: PolicyWitness, path: string, init: RequestInit) {
  return yield* Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(`${witness.url}/${path}`, {
        ...init,
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIME_MAX_MS)])
      })
      const type = response.headers.get("content-type")?.split(";", 1)[0]?.trim()
      return { status: response.status, type, text: await textOf(response) }
    },
    catch: (cause) => failure(witness, "unreachable", reasonOf(cause))
  })
})

const textOf = async (response: Response): Promise<string> => {
  const chunks: Array<Uint8Array> = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX) throw new Error("the answer is too long")
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** `fetch` says only "fetch failed"; the reason is in its cause. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return "no connection"
  if (cause.cause instanceof Error) return reasonOf(cause.cause)
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message
}

/** Signature lines of keys that are not the witness's are ignored, as the specification demands. */
const keep = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  { witness, checkpoint, lines }: Pick<Submission, "witness" | "checkpoint"> & { readonly lines: string }
) {
  const { name, text: key } = witness.verifier
  const cosigned = openNote(checkpoint.note + lines, [witness.verifier])
  if (Result.isFailure(cosigned)) return yield* failure(witness, "bad-answer", cosigned.failure.reason)
  const own = cosigned.success.signatures.filter((each) => each.name === name && each.keyId === witness.verifier.keyId)
  yield* insertCosignature(sql, { size: checkpoint.size, witness: key, line: signatureLine(own[0]!) })
  return checkpoint.size
})

const failure = (witness: PolicyWitness, reason: NotWitnessed["reason"], detail: string) =>
  new NotWitnessed({ witness: witness.name, reason, detail })

/** Sends checkpoints to all witnesses of a policy that have an address. Keeps what it knows of each between rounds. */
export const makeWitnessing = (sql: SqlClient.SqlClient, policy: WitnessPolicy) => {
  const seen = new Map<string, number>()
  const submit = (witness: PolicyWitness) =>
    submitCheckpoint(sql, witness, seen.get(witness.name) ?? 0).pipe(
      Effect.tap((size) => Effect.sync(() => seen.set(witness.name, size))),
      Effect.asVoid
    )
  const witnesses = policy.witnesses.filter(({ url }) => url !== undefined)
  /** One round: asks every witness, and says what went wrong. */
  return Effect.forEach(witnesses, (witness) => Effect.flip(submit(witness)).pipe(Effect.option), {
    concurrency: "unbounded"
  }).pipe(Effect.map((failures) => failures.flatMap((each) => (each._tag === "Some" ? [each.value] : []))))
}
