// Reading rows through their schema.
import { orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"

/** Runs a statement and decodes its rows. A row that does not fit its schema is a defect: nobody but this program writes them. */
export const decodeRows = <A, I, E>(row: Schema.Codec<A, I>, statement: Effect.Effect<ReadonlyArray<unknown>, E>) =>
  orStorageFailure(statement).pipe(
    Effect.flatMap((rows) => Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(row))(rows)))
  )
