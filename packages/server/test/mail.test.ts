// Mails through a real mail server, and into files where there is none.
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { type Mail, MailAddress, Mailer } from "@fluxcybers/core"
import { Effect, Redacted, Schema } from "effect"
import { describe, expect } from "vitest"
import { settings } from "../src/configuration.ts"
import { fileMailerLayer } from "../src/mail/file-mailer.ts"
import { smtpMailerLayer } from "../src/mail/smtp-mailer.ts"
import type { SmtpServer } from "../src/mail/smtp-setting.ts"
import { type MailServer, refusing, runMailServer } from "./mail-server.ts"
import { CERTIFICATE } from "./test-certificate.ts"
import { temporaryFolder } from "./test-server.ts"

const mail: Mail = {
  id: "msg_1",
  to: "ada@example.com",
  subject: "A decision is wanted",
  text: "Text für Ada",
  html: "<p>HTML</p>"
}

const FROM = "fluxcybers@example.com"

const mailer = ({ port }: MailServer, changes: Partial<SmtpServer> = {}, authorities = [CERTIFICATE]) => {
  const server = { host: "localhost", port, isImplicitTls: false, user: undefined, password: undefined, ...changes }
  return smtpMailerLayer({ server, from: FROM, authorities })
}

const send = (changes: Partial<Mail> = {}) => Effect.flatMap(Mailer, (out) => out.send({ ...mail, ...changes }))
const refusal = Effect.flip(send())

describe("over SMTP", () => {
  it.live("a mail arrives over STARTTLS, from the configured address, under its id", () =>
    Effect.gen(function* () {
      const server = yield* runMailServer()
      yield* send().pipe(Effect.provide(mailer(server)))
      const [message] = server.messages
      expect(message).toMatchObject({ from: FROM, to: ["ada@example.com"] })
      expect(message?.source).toContain("Message-ID: <msg_1@example.com>")
      expect(message?.source).toContain("Subject: A decision is wanted")
      expect(message?.source).toContain("Auto-Submitted: auto-generated")
      expect(message?.source).toContain("Text f=C3=BCr Ada")
      expect(message?.source).toContain("<p>HTML</p>")
    })
  )

  it.live("signs in, over TLS from the first byte", () =>
    Effect.gen(function* () {
      const server = yield* runMailServer({
        secure: true,
        authOptional: false,
        onAuth: ({ username, password }, _, callback) =>
          username === "flux" && password === "canary-password"
            ? callback(null, { user: "flux" })
            : callback(refusing(535))
      })
      const signedIn = (password: string) =>
        mailer(server, { isImplicitTls: true, user: "flux", password: Redacted.make(password) })
      yield* send().pipe(Effect.provide(signedIn("canary-password")))
      expect(server.messages).toHaveLength(1)
      // The operator can mend it: the mail waits.
      const wrong = yield* refusal.pipe(Effect.provide(signedIn("canary-wrong")))
      expect(wrong).toMatchObject({ _tag: "MailFailed", code: "535", isFinal: false })
      expect(JSON.stringify(wrong) + wrong.message).not.toContain("canary")
    })
  )

  it.live("says whether trying again helps, and never what the server wrote", () =>
    Effect.gen(function* () {
      const server = yield* runMailServer()
      const refused = (code: number) => {
        server.refusal = refusing(code)
        return refusal.pipe(Effect.provide(mailer(server)))
      }
      expect(yield* refused(452)).toMatchObject({ code: "452", isFinal: false })
      const final = yield* refused(550)
      expect(final).toMatchObject({ code: "550", isFinal: true })
      expect(JSON.stringify(final) + final.message).not.toContain("canary")
      expect(server.messages).toEqual([])
    })
  )

  it.live("sends nothing to a server whose certificate is not trusted, or that offers no TLS from afar", () =>
    Effect.gen(function* () {
      const server = yield* runMailServer()
      expect(yield* refusal.pipe(Effect.provide(mailer(server, {}, [])))).toMatchObject({ isFinal: false })
      const plain = yield* runMailServer({ disabledCommands: ["STARTTLS", "AUTH"] })
      // Any address that is not this machine's by its name counts as afar.
      const afar = mailer(plain, { host: "::ffff:127.0.0.1" })
      expect(yield* refusal.pipe(Effect.provide(afar))).toMatchObject({ isFinal: false })
      expect([...server.messages, ...plain.messages]).toEqual([])
      yield* send().pipe(Effect.provide(mailer(plain, { host: "127.0.0.1" })))
      expect(plain.messages).toHaveLength(1)
    })
  )

  it.live("nothing that a text holds becomes a header or a recipient", () =>
    Effect.gen(function* () {
      const server = yield* runMailServer()
      const subject = "Hello\r\nBcc: mallory@example.com\r\n\r\nbody\u2028Bcc: eve@example.com"
      yield* send({ subject, id: "msg_2\r\nX-Evil: 1", text: "a\n.\nQUIT" }).pipe(Effect.provide(mailer(server)))
      const [message] = server.messages
      expect(message?.to).toEqual(["ada@example.com"])
      const head = message?.source.split("\r\n\r\n")[0] ?? ""
      expect(head).not.toMatch(/^(Bcc|X-Evil):/m)
      expect(server.messages).toHaveLength(1)
    })
  )
})

describe("an address", () => {
  const isAddress = Schema.is(MailAddress)
  it("is one address, without a name, quotes, comments or lists", () => {
    expect(["ada@example.com", "a.b+c@x.y.example", "jürgen@bücher.example", "root@localhost"].every(isAddress)).toBe(
      true
    )
    const wrong = ["", "ada", "@example.com", "a@b@c", "a@b,c@d", "Ada <ada@example.com>", '"a b"@example.com']
    expect([...wrong, "a@b\r\nBcc: c@d", "a b@c", "a(b)@c", `${"a".repeat(65)}@b`, "a@b..c"].filter(isAddress)).toEqual(
      []
    )
  })
})

describe("without a mail server", () => {
  it.live("a mail is a file that only this account reads", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "mail")
      const layer = fileMailerLayer({ folder, from: FROM })
      yield* Effect.andThen(send(), send({ id: "../msg_2" })).pipe(Effect.provide(layer))
      expect(readdirSync(folder).sort()).toEqual(["msg_1.eml", "msg_2.eml"])
      const path = join(folder, "msg_1.eml")
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(statSync(folder).mode & 0o777).toBe(0o700)
      expect(readFileSync(path, "utf8")).toContain("To: ada@example.com")
    })
  )

  it.live("a folder that cannot be written is said, and the mail can be sent again", () =>
    Effect.gen(function* () {
      const layer = fileMailerLayer({ folder: "/dev/null/mail", from: FROM })
      expect(yield* refusal.pipe(Effect.provide(layer))).toMatchObject({ code: "ENOTDIR", isFinal: false })
    })
  )
})

describe("the settings", () => {
  const outgoing = (environment: Record<string, string>) =>
    Effect.map(settings({ environment }), (found) => found.outgoing)
  const FLUXCYBERS_MAIL_FROM = FROM

  it.effect("name a mail server in one line", () =>
    Effect.gen(function* () {
      const line = (FLUXCYBERS_SMTP_URL: string) =>
        Effect.map(outgoing({ FLUXCYBERS_SMTP_URL, FLUXCYBERS_MAIL_FROM }), ({ mail: { smtp } }) => smtp)
      expect(yield* line("smtps://mail.example")).toMatchObject({
        host: "mail.example",
        port: 465,
        isImplicitTls: true
      })
      const full = yield* line("smtp://flux%40x:p%2Fw@mail.example:2525")
      expect(full).toMatchObject({ host: "mail.example", port: 2525, isImplicitTls: false, user: "flux@x" })
      expect(full?.password && Redacted.value(full.password)).toBe("p/w")
      expect(JSON.stringify(full)).not.toContain("p/w")
    })
  )

  it.effect("are refused with what is expected, and without a password", () =>
    Effect.gen(function* () {
      const wrong = [
        { FLUXCYBERS_SMTP_URL: "smtp://mail.example" },
        { FLUXCYBERS_MAIL_FROM: "Ada <ada@example.com>" },
        { FLUXCYBERS_EGRESS_NETWORKS: "10.0.0.0" },
        ...["https://mail.example", "smtp://", "smtp://a:canary%@mail.example", "smtp://mail.example/x"].map((url) => ({
          FLUXCYBERS_SMTP_URL: url,
          FLUXCYBERS_MAIL_FROM
        }))
      ]
      for (const environment of wrong) {
        const { message } = yield* Effect.flip(outgoing(environment))
        expect(message).toMatch(/^FLUXCYBERS_.*\.\nNothing was started\.$/)
        expect(message).not.toContain("canary")
      }
      expect((yield* outgoing({ FLUXCYBERS_EGRESS_NETWORKS: "10.0.0.0/8, fd00::/8" })).networks).toEqual([
        { address: "10.0.0.0", bits: 8 },
        { address: "fd00::", bits: 8 }
      ])
    })
  )
})
