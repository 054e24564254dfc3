// Notifications of a server, from its settings: what is to be told, the outbox, and the ways out.
import { Layer } from "effect"
import type { DataDirectory } from "../data/data-directory.ts"
import { Egress } from "../egress/egress.ts"
import { fileMailerLayer } from "../mail/file-mailer.ts"
import { smtpMailerLayer } from "../mail/smtp-mailer.ts"
import type { MailSetting } from "../mail/smtp-setting.ts"
import { Outbox } from "../outbox/outbox.ts"
import { senderLayer } from "../outbox/sender.ts"
import type { OutgoingSettings } from "../outgoing-settings.ts"
import { deliveriesLayer } from "./deliver.ts"
import { Subscriptions } from "./subscriptions.ts"
import { tellerLayer } from "./tell.ts"

export const notificationsLayer = ({ mail, networks }: OutgoingSettings, directory: DataDirectory) =>
  Layer.mergeAll(Subscriptions.layer, tellerLayer, senderLayer().pipe(Layer.provide(deliveriesLayer))).pipe(
    Layer.provideMerge(Outbox.layer),
    Layer.provide(Layer.mergeAll(Egress.layer({ networks }), mailerLayer(mail, directory)))
  )

const mailerLayer = ({ smtp, from }: MailSetting, { mail: folder }: DataDirectory) =>
  smtp === undefined ? fileMailerLayer({ folder, from }) : smtpMailerLayer({ server: smtp, from })
