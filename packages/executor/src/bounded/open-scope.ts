import { SubjectCipher } from "@fluxcybers/core"
import { Effect, Schema } from "effect"
import type { StoredBoundedGrant } from "../store/bounded-grants.ts"
import { scopePlace } from "../store/sealed.ts"
import { BoundedScope } from "./scope.ts"

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(BoundedScope))

/** What the grant allows. A scope that does not open is a defect: it was altered. */
export const openScope = Effect.fnUntraced(function* ({ organisation, id, scope }: StoredBoundedGrant) {
  const bytes = yield* Effect.orDie((yield* SubjectCipher).open(scopePlace(organisation, id), scope))
  return yield* Effect.orDie(decode(new TextDecoder().decode(bytes)))
})
