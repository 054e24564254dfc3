// The flags that every command has.
import { Flag, GlobalFlag } from "effect/cli"

/** One JSON document on standard output; a problem document (RFC 9457) on standard error when it fails. */
export const Json = GlobalFlag.Setting("json")({
  flag: Flag.Boolean("json").pipe(
    Flag.withDescription("Print one JSON document; failures are a problem document on standard error"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  )
})

/** The server to talk to, instead of the profile's. */
export const Url = GlobalFlag.Setting("url")({
  flag: Flag.String("url").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Server to use; also FLUXCYBERS_URL"),
    Flag.optional
  )
})

/** The stored sign-in to use. */
export const ProfileName = GlobalFlag.Setting("profile")({
  flag: Flag.String("profile").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Stored sign-in to use; also FLUXCYBERS_PROFILE"),
    Flag.optional
  )
})

export const globalFlags = [Json, Url, ProfileName] as const
