// Registering a passkey: a challenge for the person, and what their authenticator makes of it.
import { createPublicKey } from "node:crypto"
import { type Actor, Database, type OrganisationId, orStorageFailure, type PersonId } from "@fluxcybers/core"
import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type RegistrationResponseJSON,
  verifyRegistrationResponse
} from "@simplewebauthn/server"
import { COSEALG, decodeCredentialPublicKey } from "@simplewebauthn/server/helpers"
import { DateTime, Effect } from "effect"
import { ApprovalKeyError, type NewApprovalKey } from "./approval-keys.ts"
import { rowDecoder } from "./rows.ts"
import { PasskeyChallengeRow } from "./tables.ts"

/** The page that a passkey is made on: `https://fluxcybers.example`, and its name without scheme and port. */
export interface PasskeyPage {
  readonly origin: string
  readonly rpId: string
}

interface Person {
  readonly organisation: OrganisationId
  readonly actor: Actor
}

const MINUTES = 10
/** What `assertionFault` of core can check. */
const ALGORITHMS = [COSEALG.ES256, COSEALG.EdDSA, COSEALG.RS256]

/** `http://localhost:4680` of the address that was asked; none for an address that is a number: no passkey can belong to that. */
export const passkeyPage = (url: URL): PasskeyPage | undefined =>
  /^[0-9.]+$|^\[/.test(url.hostname) ? undefined : { origin: url.origin, rpId: url.hostname }

/** Options for `navigator.credentials.create`; the challenge is good once, for ten minutes. */
export const beginPasskey = Effect.fn("Passkeys.begin")(function* (
  { organisation, actor }: Person,
  { rpId }: PasskeyPage,
  known: ReadonlyArray<string>
) {
  if (actor._tag !== "Person") return yield* new ApprovalKeyError({ reason: "not-a-person" })
  const { person } = actor
  const options = yield* Effect.promise(() =>
    generateRegistrationOptions({
      rpName: "FluxCybers",
      rpID: rpId,
      // Never the name: authenticators keep and synchronise what stands here.
      userName: person,
      userID: new TextEncoder().encode(person),
      attestationType: "none",
      excludeCredentials: known.map((id) => ({ id })),
      authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
      supportedAlgorithmIDs: ALGORITHMS
    })
  )
  yield* storeChallenge(organisation, person, options)
  return options
})

const storeChallenge = Effect.fnUntraced(function* (
  organisation: OrganisationId,
  person: PersonId,
  { challenge }: PublicKeyCredentialCreationOptionsJSON
) {
  const { sql, transaction } = yield* Database
  const expires_at = DateTime.formatIso(DateTime.add(yield* DateTime.now, { minutes: MINUTES }))
  yield* transaction(
    orStorageFailure(
      Effect.gen(function* () {
        yield* sql`DELETE FROM server_passkey_challenges WHERE person = ${person}`
        yield* sql`INSERT INTO server_passkey_challenges ${sql.insert({ organisation, person, challenge, expires_at })}`
      })
    )
  )
})

/** The key in the authenticator's answer. It must have been made for the challenge, on that page, by a person who was verified. */
export const passkeyIn = Effect.fn("Passkeys.read")(function* (
  { actor }: Person,
  page: PasskeyPage,
  made: { readonly name: string; readonly response: unknown }
) {
  const challenge = actor._tag === "Person" ? yield* takeChallenge(actor.person) : undefined
  if (challenge === undefined) return yield* REFUSED
  const { registrationInfo } = yield* Effect.tryPromise({
    try: () =>
      verifyRegistrationResponse({
        response: made.response as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: page.origin,
        expectedRPID: page.rpId,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS
      }),
    // The library throws plain errors for everything that a wrong answer can be.
    catch: () => REFUSED
  })
  const publicKey = registrationInfo && spkiOf(registrationInfo.credential.publicKey)
  if (registrationInfo === undefined || publicKey === undefined) return yield* REFUSED
  const { id: credential, counter } = registrationInfo.credential
  return {
    name: made.name,
    kind: "passkey",
    publicKey,
    passkey: { ...page, credential, counter }
  } satisfies NewApprovalKey
})

const REFUSED = new ApprovalKeyError({ reason: "passkey-refused" })

const challengeRows = rowDecoder(PasskeyChallengeRow)

const takeChallenge = Effect.fnUntraced(function* (person: PersonId) {
  const { sql } = yield* Database
  const now = DateTime.formatIso(yield* DateTime.now)
  const [row] = yield* challengeRows(sql`DELETE FROM server_passkey_challenges WHERE person = ${person} RETURNING *`)
  return row === undefined || row.expires_at <= now ? undefined : row.challenge
})

/** Labels of COSE keys: RFC 9053 §7, RFC 8230 §4. */
const X = -2
const Y = -3
const N = -1
const E = -2
const OKP = 1
const RSA = 3

const spkiOf = (cose: Uint8Array): Uint8Array | undefined => {
  const key = decodeCredentialPublicKey(cose as Uint8Array<ArrayBuffer>) as unknown as ReadonlyMap<number, unknown>
  const part = (label: number) => {
    const value = key.get(label)
    return value instanceof Uint8Array ? Buffer.from(value).toString("base64url") : ""
  }
  try {
    return createPublicKey({ key: jwkOf(key.get(1), part), format: "jwk" }).export({ format: "der", type: "spki" })
  } catch {
    return undefined
  }
}

const jwkOf = (kind: unknown, part: (label: number) => string) => {
  if (kind === OKP) return { kty: "OKP", crv: "Ed25519", x: part(X) }
  if (kind === RSA) return { kty: "RSA", n: part(N), e: part(E) }
  return { kty: "EC", crv: "P-256", x: part(X), y: part(Y) }
}
