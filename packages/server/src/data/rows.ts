// Reading rows through their schema.
import { orStorageFailure } from "@fluxcybers/core"
import { Effect, Schema } from "effect"

/**
 * Runs statements and decodes their rows. A row that does not fit its schema is a defect: nobody but this program writes them. Make one
 * for each schema, beside it: building the decoder costs more than using it.
 */
export const rowDecoder = <A, I>(row: Schema.Codec<A, I>) => {
  const decode = Schema.decodeUnknownEffect(Schema.Array(row))
  return <E>(statement: Effect.Effect<ReadonlyArray<unknown>, E>) =>
    orStorageFailure(statement).pipe(Effect.flatMap((rows) => Effect.orDie(decode(rows))))
}
