// A real mail server on loopback for tests.
import type { AddressInfo } from "node:net"
import { Effect, type Scope } from "effect"
import { SMTPServer, type SMTPServerOptions } from "smtp-server"
import { CERTIFICATE, CERTIFICATE_KEY } from "./test-certificate.ts"

export interface MailServer {
  readonly port: number
  /** The messages as they came, headers and all. */
  readonly messages: Array<{ readonly from: string; readonly to: ReadonlyArray<string>; readonly source: string }>
  /** What the server answers to the next recipient; nothing wrong unless told. */
  refusal: (Error & { responseCode?: number }) | undefined
}

/** Listens on loopback until the scope closes; STARTTLS and no sign-in unless told. */
export const runMailServer = (options: SMTPServerOptions = {}): Effect.Effect<MailServer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<{ readonly mail: MailServer; readonly server: SMTPServer }>((resume) => {
      const mail: MailServer = { port: 0, messages: [], refusal: undefined }
      const server = new SMTPServer({
        cert: CERTIFICATE,
        key: CERTIFICATE_KEY,
        authOptional: true,
        logger: false,
        onRcptTo: (_address, _session, callback) => callback(mail.refusal),
        onData: (stream, session, callback) => {
          const chunks: Array<Uint8Array> = []
          stream.on("data", (chunk: Uint8Array) => chunks.push(chunk))
          stream.on("end", () => {
            const { mailFrom, rcptTo } = session.envelope
            const from = mailFrom === false ? "" : mailFrom.address
            mail.messages.push({
              from,
              to: rcptTo.map(({ address }) => address),
              source: Buffer.concat(chunks).toString()
            })
            callback()
          })
        },
        ...options
      })
      server.on("error", () => {})
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.server.address() as AddressInfo
        resume(Effect.succeed({ mail: Object.assign(mail, { port }), server }))
      })
    }),
    ({ server }) => Effect.callback<void>((resume) => server.close(() => resume(Effect.void)))
  ).pipe(Effect.map(({ mail }) => mail))

/** An answer of a mail server that refuses. */
export const refusing = (responseCode: number): Error & { responseCode: number } =>
  Object.assign(new Error("canary: the mailbox of ada is full"), { responseCode })
