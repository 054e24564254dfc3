// A mail as nodemailer takes it: addresses as objects, so that none is read as a list, and no line break in a header.
import type { Mail } from "@fluxcybers/core"
import type { SendMailOptions } from "nodemailer"

const SUBJECT_LENGTH_MAX = 200
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]+/gu

export const messageOf = ({ id, to, subject, text, html }: Mail, from: string): SendMailOptions => ({
  messageId: `<${id.replace(/[^A-Za-z0-9_-]/g, "")}@${from.slice(from.lastIndexOf("@") + 1)}>`,
  from: { name: "FluxCybers", address: from },
  to: { name: "", address: to },
  subject: subject.replace(CONTROL, " ").slice(0, SUBJECT_LENGTH_MAX),
  text,
  ...(html === undefined ? {} : { html }),
  // RFC 3834 §5: nobody's vacation responder answers.
  headers: { "Auto-Submitted": "auto-generated" },
  disableFileAccess: true,
  disableUrlAccess: true
})
