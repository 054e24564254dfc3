// Which server a command talks to, and with which token. A token goes to the server that gave it and to no other.
import { readFileSync } from "node:fs"
import { Effect, Option, Redacted } from "effect"
import { DEFAULT_PORT } from "../configuration.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { fileErrorText } from "./file-error.ts"
import { ProfileName, Url } from "./global-flags.ts"
import { DEFAULT_PROFILE, type Profile, profilesPath, readProfiles } from "./profile-store.ts"

export const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`

export interface Connection {
  readonly url: string
  readonly token: Redacted.Redacted<string>
}

/** The profile that the person asked for, or the default one. */
export const chosenProfile = Effect.gen(function* () {
  const flag = yield* ProfileName
  const name = Option.getOrElse(flag, () => process.env["FLUXCYBERS_PROFILE"] ?? DEFAULT_PROFILE)
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(name)) {
    return yield* usageFailure(`"${name}" is not a profile name: letters, digits and . _ - only, at most 64.`)
  }
  return name
})

/** `--url`, then FLUXCYBERS_URL, then what the profile says. */
export const chosenUrl = Effect.gen(function* () {
  const flag = yield* Url
  const text = Option.getOrUndefined(flag) ?? process.env["FLUXCYBERS_URL"]
  return text === undefined ? undefined : yield* serverUrl(text)
})

/** The server and the token that a command uses. */
export const connection = Effect.gen(function* () {
  const url = yield* chosenUrl
  const tokenFile = process.env["FLUXCYBERS_TOKEN_FILE"]
  if (tokenFile !== undefined) {
    return { url: url ?? DEFAULT_URL, token: yield* tokenFrom(tokenFile) }
  }
  const name = yield* chosenProfile
  const profiles = yield* readProfiles(profilesPath())
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (profile === undefined) return yield* notSignedIn(url, name)
  if (url !== undefined && url !== profile.url) return yield* otherServer({ asked: url, profile, name })
  return { url: profile.url, token: Redacted.make(profile.token) }
})

/** A server's address without anything after it. Plain HTTP is for this machine only: the token would travel in the clear. */
export const serverUrl = Effect.fnUntraced(function* (text: string) {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "") {
    return yield* usageFailure(`"${text}" is not the address of a server. It looks like https://fluxcybers.example.com`)
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return yield* usageFailure(
      `"${text}" is not encrypted, and only this machine may be reached that way: the token could be read on its way.\n` +
        "Nothing was sent. Use https://, or a tunnel to a loopback address."
    )
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`
})

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname)

const tokenFrom = (path: string) =>
  Effect.try({
    try: () => Redacted.make(readFileSync(path, "utf8").trim()),
    catch: (cause) =>
      new CliFailure({
        exit: "not-allowed",
        code: "token-file",
        title: "Token not readable",
        detail: `The token file ${path} (FLUXCYBERS_TOKEN_FILE) could not be read: ${fileErrorText(cause)}`
      })
  })

const notSignedIn = (url: string | undefined, profile: string) =>
  new CliFailure({
    exit: "not-allowed",
    code: "not-signed-in",
    title: "Not signed in",
    detail:
      `You are not signed in${profile === DEFAULT_PROFILE ? "" : ` (profile ${profile})`}. Nothing was sent.\n` +
      `With the link that a new server prints: fluxcybers login --link URL\n` +
      `With a token: fluxcybers login --url ${url ?? DEFAULT_URL}`
  })

const otherServer = (input: { readonly asked: string; readonly profile: Profile; readonly name: string }) =>
  new CliFailure({
    exit: "not-allowed",
    code: "not-signed-in",
    title: "Not signed in there",
    detail:
      `The profile ${input.name} is signed in to ${input.profile.url}, not to ${input.asked}. Nothing was sent.\n` +
      `Sign in there under another name: fluxcybers login --url ${input.asked} --profile NAME`
  })
