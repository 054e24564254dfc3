// A passkey in a real browser: Chromium with a virtual authenticator makes it, and signs a decision with it.
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { chromium } from "playwright-core"
import { describe, expect } from "vitest"
import { serverDatabases } from "../../../repo/testing/databases.ts"
import { chromium as program } from "../../../repo/testing/system-programs.ts"
import { clientOf, ownedServer, verifiedLog } from "./test-server.ts"

const executablePath = program()

/** A page of the server at its name, in a browser whose person is always there and verified. */
const openPage = Effect.fnUntraced(function* (url: string) {
  const browser = yield* Effect.acquireRelease(
    Effect.promise(() => chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox"] })),
    (opened) => Effect.promise(() => opened.close())
  )
  const page = yield* Effect.promise(() => browser.newPage())
  yield* Effect.promise(() => page.goto(url))
  const session = yield* Effect.promise(() => page.context().newCDPSession(page))
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true } as const
  const person = { hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true }
  yield* Effect.promise(async () => {
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", { options: { ...options, ...person } })
  })
  /** Runs in the page; the code's parameter is called `given`. */
  return (code: string, given: unknown): Effect.Effect<unknown> =>
    Effect.promise(() => page.evaluate(`(async (given) => { ${code} })(${JSON.stringify(given)})`))
})

const CREATE = `
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(given)
  return (await navigator.credentials.create({ publicKey })).toJSON()`

const GET = `
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(given)
  const { id, response } = (await navigator.credentials.get({ publicKey })).toJSON()
  const { authenticatorData, clientDataJSON, signature } = response
  return { _tag: "Passkey", credential: id, authenticatorData, clientDataJson: clientDataJSON, signature }`

type Signature = { readonly _tag: "Passkey" } & Record<
  "credential" | "authenticatorData" | "clientDataJson" | "signature",
  string
>

// Chromium is not on every machine; the closing summary says how to install it.
describe.skipIf(executablePath === undefined)("a passkey in Chromium", () => {
  it.live("is registered, signs a decision, and the log verifies", () =>
    Effect.gen(function* () {
      const { server, owner } = yield* ownedServer(serverDatabases[0]!)
      const origin = server.url.replace("127.0.0.1", "localhost")
      const client = yield* clientOf(origin, owner.token)
      const inPage = yield* openPage(origin)
      const response = yield* inPage(CREATE, yield* client.approvalKeys.beginPasskey())
      const key = yield* client.approvalKeys.addPasskey({ payload: { name: "phone", response } })
      const payload = { executor: "local", input: { argv: ["true"] }, targets: [] }
      for (const _ of [1, 2]) {
        const { id, digest } = yield* client.executions.propose({ payload, headers: {} })
        const options = yield* client.executions.passkeyOptions({
          params: { id },
          query: { verdict: "approve", digest }
        })
        const signature = (yield* inPage(GET, options)) as Signature
        const { decisions } = yield* client.executions.approve({ params: { id }, payload: { digest, signature } })
        expect(decisions).toMatchObject([{ signed: "passkey", signatureKey: key.id }])
      }
      expect(yield* verifiedLog(client)).toMatchObject({ problems: [] })
    }).pipe(Effect.scoped)
  )
})
