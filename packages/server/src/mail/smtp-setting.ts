// How mails leave, as one line of the settings: `smtps://user:password@mail.example:465`, `smtp://mail.example:587`; files without one.
import { isIP } from "node:net"
import { MailAddress } from "@fluxcybers/core"
import { Redacted, Schema } from "effect"

/** A mail server. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte; otherwise STARTTLS, without which nothing is sent (but to this machine). */
  readonly isImplicitTls: boolean
  readonly user: string | undefined
  readonly password: Redacted.Redacted<string> | undefined
}

/** Where mails go, and from whom they are. */
export interface MailSetting {
  /** Absent: mails are written to files in the data directory. */
  readonly smtp: SmtpServer | undefined
  readonly from: string
}

const IMPLICIT_TLS_PORT = 465
const SUBMISSION_PORT = 587
const FROM_DEFAULT = "fluxcybers@localhost"

/** The setting, or what is wrong with it. */
export const mailSetting = (url: string | undefined, from: string | undefined): MailSetting | string => {
  if (from !== undefined && !Schema.is(MailAddress)(from)) {
    return "FLUXCYBERS_MAIL_FROM: Expected an address like fluxcybers@example.com"
  }
  if (url === undefined) return { smtp: undefined, from: from ?? FROM_DEFAULT }
  if (from === undefined) return "FLUXCYBERS_SMTP_URL needs FLUXCYBERS_MAIL_FROM, the address that mails are from"
  const smtp = smtpServer(url)
  return smtp === undefined ? `FLUXCYBERS_SMTP_URL: Expected ${FORM}` : { smtp, from }
}

const FORM = "smtps://user:password@mail.example:465, or smtp://user:password@mail.example:587 for STARTTLS"

const smtpServer = (text: string): SmtpServer | undefined => {
  const url = URL.parse(text)
  if (url === null || url.hostname === "" || /[?#]|:\/\/[^/]*\/./.test(text)) return undefined
  if (url.protocol !== "smtp:" && url.protocol !== "smtps:") return undefined
  const [user, password] = [decoded(url.username), decoded(url.password)]
  if (user === undefined || password === undefined) return undefined
  const isImplicitTls = url.protocol === "smtps:"
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isImplicitTls ? IMPLICIT_TLS_PORT : SUBMISSION_PORT) : Number(url.port),
    isImplicitTls,
    user: user === "" ? undefined : user,
    password: password === "" ? undefined : Redacted.make(password)
  }
}

/** `undefined` for a `%` that begins no escape. */
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Only there may mails go without TLS. */
export const isThisMachine = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))
