// What happened and must still be told, and who wants to be told of what.
import {
  BooleanColumn,
  BytesColumn,
  type ColumnTypes,
  column,
  declareTable,
  idText,
  OrganisationId,
  PersonId,
  technicalColumn
} from "@fluxcybers/core"
import { OccurrenceKind } from "@fluxcybers/executor"
import { Schema } from "effect"

/** The id of a subscription: `sub_…`. */
export const SubscriptionId = idText("sub").pipe(Schema.brand("sub"))
export type SubscriptionId = typeof SubscriptionId.Type

/** The way a notification goes. */
export const Channel = Schema.Literals(["mail", "webhook", "slack"])
export type Channel = typeof Channel.Type

export const OccurrenceRow = Schema.Struct({
  organisation: technicalColumn(OrganisationId),
  kind: technicalColumn(OccurrenceKind),
  /** The id of an execution or a bounded grant. */
  object: technicalColumn(Schema.String),
  at: technicalColumn(Schema.String),
  /** When messages were made of it. */
  told_at: technicalColumn(Schema.NullOr(Schema.String))
})
export type OccurrenceRow = typeof OccurrenceRow.Type

export const SubscriptionRow = Schema.Struct({
  id: technicalColumn(SubscriptionId),
  organisation: technicalColumn(OrganisationId),
  /** Whose it is; the organisation's own when absent. */
  person: column(Schema.NullOr(PersonId), {
    category: "account",
    protection: "pseudonymous",
    purposes: ["communication"],
    basis: "contract",
    retention: "account",
    subject: "person"
  }),
  channel: technicalColumn(Channel),
  events: technicalColumn(Schema.fromJsonString(Schema.Array(OccurrenceKind))),
  tags: technicalColumn(Schema.fromJsonString(Schema.Array(Schema.String))),
  classes: technicalColumn(Schema.fromJsonString(Schema.Array(Schema.String))),
  added_at: technicalColumn(Schema.String),
  /** Name, address and the secrets that sign. */
  details: column(BytesColumn, {
    category: "account",
    protection: "sealed",
    purposes: ["communication"],
    basis: "contract",
    retention: "account",
    subject: "person"
  })
})
export type SubscriptionRow = typeof SubscriptionRow.Type

export const NotificationSettingsRow = Schema.Struct({
  organisation: technicalColumn(OrganisationId),
  /** May notifications hold the commands? */
  has_commands: technicalColumn(BooleanColumn)
})

export const notifyInventory = [
  declareTable("server_occurrences", OccurrenceRow),
  declareTable("server_subscriptions", SubscriptionRow),
  declareTable("server_notification_settings", NotificationSettingsRow)
]

export const notifyStatements = ({ bytes, integer }: ColumnTypes): ReadonlyArray<string> => [
  `CREATE TABLE server_occurrences (
    organisation TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL, at TEXT NOT NULL, told_at TEXT,
    PRIMARY KEY (organisation, kind, object))`,
  "CREATE INDEX server_occurrences_open ON server_occurrences (at) WHERE told_at IS NULL",
  `CREATE TABLE server_subscriptions (
    id TEXT PRIMARY KEY, organisation TEXT NOT NULL, person TEXT, channel TEXT NOT NULL, events TEXT NOT NULL,
    tags TEXT NOT NULL, classes TEXT NOT NULL, added_at TEXT NOT NULL, details ${bytes} NOT NULL)`,
  "CREATE INDEX server_subscriptions_organisation ON server_subscriptions (organisation, id)",
  `CREATE TABLE server_notification_settings (organisation TEXT PRIMARY KEY, has_commands ${integer} NOT NULL)`
]
