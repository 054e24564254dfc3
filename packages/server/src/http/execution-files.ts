// The files of executions, as bytes.
import type { ExecutionId } from "@fluxcybers/core"
import type { TransferredFiles } from "@fluxcybers/executor"
import { Effect, Stream } from "effect"
import { Caller } from "../api/authentication.ts"
import { asProblem } from "./problem.ts"

interface Wanted {
  readonly params: { readonly id: ExecutionId }
}

export const executionFiles = (files: TransferredFiles["Service"]) => ({
  file: Effect.fn("executions.file")(function* ({
    params,
    query
  }: Wanted & { readonly query: { readonly run?: string } }) {
    const { organisation, actor } = yield* Caller
    const { content } = yield* asProblem(files.fetched({ organisation, actor, execution: params.id, ...query }))
    return content
  }),
  uploaded: Effect.fn("executions.uploaded")(function* ({ params }: Wanted) {
    const { organisation } = yield* Caller
    return Stream.succeed(yield* asProblem(files.uploaded({ organisation, execution: params.id })))
  })
})
