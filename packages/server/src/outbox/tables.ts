// The outbox's table: what is to leave, and what became of it.
import {
  BytesColumn,
  type ColumnDeclaration,
  type ColumnTypes,
  column,
  declareTable,
  IntegerColumn,
  idText,
  OrganisationId,
  PersonId,
  technicalColumn
} from "@fluxcybers/core"
import { Schema } from "effect"

/** The id of a message, the same for every attempt to send it: `msg_…`. */
export const MessageId = idText("msg").pipe(Schema.brand("msg"))
export type MessageId = typeof MessageId.Type

const communication = (protection: ColumnDeclaration["protection"]): ColumnDeclaration => ({
  category: "usage",
  protection,
  purposes: ["communication"],
  basis: "contract",
  retention: "execution-log",
  subject: "person"
})

const text = technicalColumn(Schema.String)
const optionalText = technicalColumn(Schema.NullOr(Schema.String))

export const MessageRow = Schema.Struct({
  id: technicalColumn(MessageId),
  organisation: technicalColumn(OrganisationId),
  /** Whom it is for; absent when it is for no single person. */
  person: column(Schema.NullOr(PersonId), communication("pseudonymous")),
  /** What knows how to deliver it: the id of a subscription. */
  destination: text,
  topic: text,
  about: text,
  state: technicalColumn(Schema.Literals(["waiting", "sent", "dead"])),
  attempts: technicalColumn(IntegerColumn),
  /** When it is tried next; while an attempt is under way, when that is given up for lost. */
  next_at: text,
  /** The attempt under way. */
  claim: optionalText,
  /** Why the last attempt failed: a code. */
  failure: optionalText,
  created_at: text,
  settled_at: optionalText,
  /** What is sent; gone once it is. */
  body: column(Schema.NullOr(BytesColumn), communication("sealed"))
})
export type MessageRow = typeof MessageRow.Type

export const outboxInventory = [declareTable("server_outbox", MessageRow)]

export const outboxStatements = ({ bytes, integer }: ColumnTypes): ReadonlyArray<string> => [
  `CREATE TABLE server_outbox (
    id TEXT PRIMARY KEY, organisation TEXT NOT NULL, person TEXT, destination TEXT NOT NULL, topic TEXT NOT NULL,
    about TEXT NOT NULL, state TEXT NOT NULL, attempts ${integer} NOT NULL, next_at TEXT NOT NULL, claim TEXT, failure TEXT,
    created_at TEXT NOT NULL, settled_at TEXT, body ${bytes})`,
  "CREATE INDEX server_outbox_due ON server_outbox (next_at) WHERE state = 'waiting'",
  "CREATE INDEX server_outbox_settled ON server_outbox (settled_at) WHERE settled_at IS NOT NULL",
  "CREATE INDEX server_outbox_dead ON server_outbox (organisation, id) WHERE state = 'dead'"
]
