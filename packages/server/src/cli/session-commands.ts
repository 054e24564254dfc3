// Signing in and out: `login`, `logout`, `whoami`.
import { labelled } from "@fluxcybers/executor/view"
import { Effect, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import { connect, connectTo } from "./api.ts"
import { chosenProfile, chosenUrl, connection, DEFAULT_URL, serverUrl } from "./connection.ts"
import { usageFailure } from "./failure.ts"
import { readBytes } from "./input.ts"
import { moment } from "./moment.ts"
import { answer, note } from "./output.ts"
import { type Profile, profilesPath, readProfiles, writeProfiles } from "./profile-store.ts"
import { Questions, requireTerminal } from "./questions.ts"
import { visible } from "./visible-text.ts"

const TOKEN_BYTES_MAX = 4_096

export const login = Command.make(
  "login",
  {
    link: Flag.String("link").pipe(
      Flag.withMetavar("URL"),
      Flag.withDescription("The one-time owner link that a new server printed; - reads it from standard input"),
      Flag.optional
    ),
    name: Flag.String("name").pipe(
      Flag.withMetavar("NAME"),
      Flag.withDescription("Your name, as the other members will see it (with --link)"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function* ({ link, name }) {
    const profile = yield* chosenProfile
    // A file that cannot be used must be known before a one-time link is used up.
    const profiles = yield* readProfiles(profilesPath())
    const signIn = Option.isSome(link) ? yield* redeemLink(link.value, Option.getOrUndefined(name)) : yield* tokenSignIn
    const me = yield* identity(signIn)
    const stored: Profile = {
      url: signIn.url,
      token: Redacted.value(signIn.token),
      name: me.name,
      expiresAt: me.tokenExpiresAt
    }
    yield* writeProfiles(profilesPath(), { ...profiles, [profile]: stored })
    yield* answer({ profile, url: signIn.url, ...me }, () => {
      const until = moment(me.tokenExpiresAt)
      return `Signed in to ${signIn.url} as ${visible(me.name)} (${me.roles.join(", ")}), until ${until}.\n`
    })
  })
).pipe(
  Command.withDescription("Sign in to a server and remember it"),
  Command.withExamples([
    { command: "fluxcybers login --link 'http://127.0.0.1:4680/…'", description: "As the owner of a new server" },
    { command: "fluxcybers login --url https://fluxcybers.example.com", description: "With a token, typed or pasted" },
    {
      command: "fluxcybers login --profile work < token.txt",
      description: "With a token from a file, under another name"
    }
  ])
)

export const logout = Command.make(
  "logout",
  {},
  Effect.fnUntraced(function* () {
    const name = yield* chosenProfile
    const profiles = yield* readProfiles(profilesPath())
    if (!Object.hasOwn(profiles, name)) {
      yield* answer({ profile: name, removed: false }, () => `There is no sign-in ${name} to forget.\n`)
      return
    }
    const { [name]: gone, ...rest } = profiles
    yield* writeProfiles(profilesPath(), rest)
    yield* answer({ profile: name, removed: true }, () => `Forgot the sign-in ${name} to ${gone?.url}.\n`)
    yield* note("Its token stays valid until it expires. To end it now: fluxcybers token list, then token revoke ID")
  })
).pipe(
  Command.withDescription("Forget a stored sign-in"),
  Command.withExamples([{ command: "fluxcybers logout --profile work" }])
)

export const whoami = Command.make(
  "whoami",
  {},
  Effect.fnUntraced(function* () {
    const { url } = yield* connection
    const api = yield* connect
    const me = yield* api((client) => client.session.whoami())
    yield* answer({ url, ...me }, () =>
      labelled([
        ["Server", url],
        ["Name", visible(me.name)],
        ["Kind", me.kind],
        ["Person", me.person],
        ["Organisation", me.organisation],
        ["Roles", me.roles.join(", ")],
        ["Token may", me.scopes.join(", ")],
        ["Token until", moment(me.tokenExpiresAt)],
        ["Rules", me.members === 1 ? "solo: you are the only member" : `team: ${me.members} members`]
      ])
    )
  })
).pipe(
  Command.withDescription("Show who you are to the server, and what your token may do"),
  Command.withExamples([{ command: "fluxcybers whoami" }])
)

interface SignIn {
  readonly url: string
  readonly token: Redacted.Redacted<string>
}

const redeemLink = Effect.fnUntraced(function* (given: string, givenName: string | undefined) {
  const link = given === "-" ? yield* readLine : given
  const code = /fcl_[0-9A-Za-z]+/.exec(link)?.[0]
  if (code === undefined || !URL.canParse(link)) {
    return yield* usageFailure("That is not an owner link. Copy the whole line that the server printed at its start.")
  }
  const url = (yield* chosenUrl) ?? (yield* serverUrl(new URL(link).origin))
  const name = givenName ?? (yield* askName)
  const api = yield* connectTo({ url })
  const claimed = yield* api((client) => client.system.claim({ payload: { code, name } }))
  const signIn: SignIn = { url, token: Redacted.make(claimed.token) }
  return signIn
})

const askName = Effect.gen(function* () {
  yield* requireTerminal("Your name", "Give it with --name.")
  const { ask } = yield* Questions
  return (yield* ask("Your name, as other members will see it: ")).trim()
})

const tokenSignIn = Effect.gen(function* () {
  const url = (yield* chosenUrl) ?? DEFAULT_URL
  const { isInteractive, askHidden } = yield* Questions
  const token = isInteractive ? yield* askHidden(`Token for ${url} (not shown): `) : Redacted.make(yield* readLine)
  const text = Redacted.value(token).trim()
  if (!/^[\x21-\x7e]+$/.test(text)) {
    return yield* usageFailure(
      "No token was given. Nothing was stored.\nPaste it when asked, or give it on standard input."
    )
  }
  const signIn: SignIn = { url, token: Redacted.make(text) }
  return signIn
})

const readLine = Effect.map(readBytes("-", TOKEN_BYTES_MAX), (bytes) => new TextDecoder().decode(bytes).trim())

/** Who the token belongs to; a token that the server refuses is never stored. */
const identity = Effect.fnUntraced(function* (signIn: SignIn) {
  const api = yield* connectTo(signIn)
  return yield* api((client) => client.session.whoami())
})
