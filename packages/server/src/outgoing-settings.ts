// What leaves the server for people: how mails go, and which networks that are not public requests may go to.
import { type Network, parseNetwork } from "./egress/address-policy.ts"
import { type MailSetting, mailSetting } from "./mail/smtp-setting.ts"

export interface OutgoingSettings {
  readonly mail: MailSetting
  readonly networks: ReadonlyArray<Network>
}

/** The settings, or what is wrong with them. */
export const outgoingSettings = (environment: {
  readonly FLUXCYBERS_SMTP_URL?: string
  readonly FLUXCYBERS_MAIL_FROM?: string
  readonly FLUXCYBERS_EGRESS_NETWORKS?: string
}): OutgoingSettings | string => {
  const mail = mailSetting(environment.FLUXCYBERS_SMTP_URL, environment.FLUXCYBERS_MAIL_FROM)
  if (typeof mail === "string") return mail
  const texts = environment.FLUXCYBERS_EGRESS_NETWORKS?.split(",") ?? []
  const networks = texts.map(parseNetwork).filter((network) => network !== undefined)
  return networks.length === texts.length
    ? { mail, networks }
    : "FLUXCYBERS_EGRESS_NETWORKS: Expected networks with commas between them, like 10.1.0.0/16,fd12::/16"
}
