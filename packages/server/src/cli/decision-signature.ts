// Signing a decision with an SSH key: by ssh-keygen, which knows agents, passphrases and security keys, or by whoever signs elsewhere.
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import type { Execution } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import type { CallApi } from "./api.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { fileErrorText } from "./file-error.ts"

export const signatureFlags = {
  signWith: Flag.String("sign-with").pipe(
    Flag.withMetavar("KEY"),
    Flag.withDescription("Sign with this SSH key, by ssh-keygen; the .pub file of a key in ssh-agent is enough"),
    Flag.optional
  ),
  signature: Flag.String("signature").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("A signature that was made elsewhere, over what --print-message prints"),
    Flag.optional
  ),
  printMessage: Flag.Boolean("print-message").pipe(
    Flag.withDescription("Print what has to be signed, and decide nothing"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  )
}

export interface SignatureFlags {
  readonly signWith: Option.Option<string>
  readonly signature: Option.Option<string>
}

/** The bytes to sign, made here from what was shown and from who asks. */
export const messageToSign = Effect.fnUntraced(function* (api: CallApi, execution: Execution) {
  const { organisation, person } = yield* api((client) => client.session.whoami())
  if (person === undefined) return yield* usageFailure("Only a person can sign a decision. Nothing was decided.")
  const [{ approvalStatement }, { statementBytes }] = yield* Effect.promise(() =>
    Promise.all([import("@fluxcybers/executor"), import("@fluxcybers/core")])
  )
  return statementBytes(approvalStatement({ organisation, person, verdict: "approve", execution }))
})

/** The signature that the flags ask for; none when they ask for none. */
export const signatureFor = Effect.fnUntraced(function* (
  { signWith, signature }: SignatureFlags,
  message: Effect.Effect<Uint8Array, CliFailure>
) {
  if (Option.isSome(signWith)) return asSignature(yield* signed(signWith.value, yield* message))
  if (Option.isSome(signature)) return asSignature(yield* readSignature(signature.value))
  return undefined
})

const asSignature = (signature: string) => ({ _tag: "SshKey" as const, signature })

const readSignature = (path: string) =>
  Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: (cause) => usageFailure(`${path} could not be read: ${fileErrorText(cause)}. Nothing was decided.`)
  })

const signed = (key: string, message: Uint8Array): Effect.Effect<string, CliFailure> =>
  Effect.callback((resume) => {
    // It asks for a passphrase, or for a touch, on the terminal by itself.
    const child = spawn("ssh-keygen", ["-q", "-Y", "sign", "-f", key, "-n", "fluxcybers-approval"], {
      stdio: ["pipe", "pipe", "inherit"]
    })
    const output: Array<Buffer> = []
    child.stdout.on("data", (bytes: Buffer) => output.push(bytes))
    // When it ends before it has read everything, its status says why.
    child.stdin.on("error", () => {})
    child.once("error", (error) => resume(Effect.fail(notSigned(`ssh-keygen could not be run: ${error.message}`))))
    child.once("close", (status) =>
      resume(
        status === 0
          ? Effect.succeed(Buffer.concat(output).toString("utf8"))
          : Effect.fail(notSigned(`ssh-keygen did not sign with ${key} (status ${status})`))
      )
    )
    child.stdin.end(message)
    return Effect.sync(() => void child.kill())
  })

const notSigned = (why: string) =>
  new CliFailure({
    exit: "failure",
    code: "not-signed",
    title: "Not signed",
    detail: `${why}. Nothing was decided.\nTo sign elsewhere: --print-message, then ssh-keygen -Y sign -n fluxcybers-approval, then --signature FILE`
  })
