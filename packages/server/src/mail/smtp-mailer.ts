// Mails over SMTP, one connection each.
import { rootCertificates } from "node:tls"
import { type Mail, Mailer, MailFailed } from "@fluxcybers/core"
import { Effect, Layer, Redacted } from "effect"
import { createTransport } from "nodemailer"
import { messageOf } from "./message.ts"
import { isThisMachine, type SmtpServer } from "./smtp-setting.ts"

const CONNECT_MS = 10_000
const SILENCE_MS = 20_000
/** For all of one message. */
const SEND_MS = 30_000

/** Hands mails to a server. TLS 1.2 or newer with a certificate for its name, but for a server on this machine that offers none. */
export const smtpMailerLayer = (options: {
  readonly server: SmtpServer
  readonly from: string
  /** PEM certificates of authorities to trust besides the usual ones. */
  readonly authorities?: ReadonlyArray<string>
}): Layer.Layer<Mailer> =>
  Layer.sync(Mailer, () => {
    const { server, from, authorities } = options
    const transport = createTransport({
      host: server.host,
      port: server.port,
      secure: server.isImplicitTls,
      requireTLS: !server.isImplicitTls && !isThisMachine(server.host),
      ...(server.user === undefined ? {} : { auth: { user: server.user, pass: passwordOf(server) } }),
      tls: {
        minVersion: "TLSv1.2",
        ...(authorities === undefined ? {} : { ca: [...rootCertificates, ...authorities] })
      },
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      logger: false
    })
    return Mailer.of({
      send: Effect.fn("Mailer.send")(function* (mail: Mail) {
        yield* Effect.tryPromise({
          try: () => transport.sendMail(messageOf(mail, from)),
          catch: failure
        }).pipe(Effect.timeoutOrElse({ duration: SEND_MS, orElse: () => Effect.fail(TOO_SLOW) }))
      })
    })
  })

const TOO_SLOW = new MailFailed({ code: "timed-out", isFinal: false })

/** nodemailer's codes of a refused recipient and a refused message. */
const ABOUT_THE_MAIL = new Set(["EENVELOPE", "EMESSAGE"])

const passwordOf = ({ password }: SmtpServer): string => (password === undefined ? "" : Redacted.value(password))

/** RFC 5321 §4.2.1: 5xx will not change, 4xx may. What is wrong with the sign-in or TLS is for the operator to mend. */
const failure = (error: unknown): MailFailed => {
  const { code, responseCode } = (error ?? {}) as { readonly code?: unknown; readonly responseCode?: unknown }
  const name = typeof code === "string" ? code : "unknown"
  if (typeof responseCode !== "number") return new MailFailed({ code: name, isFinal: false })
  return new MailFailed({ code: String(responseCode), isFinal: responseCode >= 500 && ABOUT_THE_MAIL.has(name) })
}
