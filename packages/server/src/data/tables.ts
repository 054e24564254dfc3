// The server's own tables: who belongs to the organisation, the tokens that act for them, the owner link, and answers that a repeated request gets again.
import {
  AgentId,
  ApprovalKeyId,
  BytesColumn,
  type ColumnDeclaration,
  column,
  declareTable,
  ExecutionId,
  IntegerColumn,
  type Migration,
  OrganisationId,
  PersonId,
  Role,
  Scope,
  TokenId,
  technicalColumn
} from "@fluxcybers/core"
import { Schema } from "effect"
import { notifyInventory, notifyStatements } from "../notify/tables.ts"
import { outboxInventory, outboxStatements } from "../outbox/tables.ts"

const account = (protection: ColumnDeclaration["protection"]): ColumnDeclaration => ({
  category: "account",
  protection,
  purposes: ["service-delivery"],
  basis: "contract",
  retention: "account",
  subject: "person"
})

export const OrganisationRow = Schema.Struct({
  id: technicalColumn(OrganisationId),
  created_at: technicalColumn(Schema.String)
})

export const MemberRow = Schema.Struct({
  person: column(PersonId, account("pseudonymous")),
  organisation: technicalColumn(OrganisationId),
  name: column(BytesColumn, account("sealed")),
  roles: column(Schema.fromJsonString(Schema.Array(Role)), account("plain")),
  joined_at: column(Schema.String, account("plain"))
})

export const TokenKind = Schema.Literals(["person", "agent", "service"])
export type TokenKind = typeof TokenKind.Type

export const TokenRow = Schema.Struct({
  id: technicalColumn(TokenId),
  organisation: technicalColumn(OrganisationId),
  kind: technicalColumn(TokenKind),
  /** Absent for a service token. */
  person: column(Schema.NullOr(PersonId), account("pseudonymous")),
  agent: technicalColumn(Schema.NullOr(AgentId)),
  name: column(BytesColumn, account("sealed")),
  hash: column(BytesColumn, account("hashed")),
  scopes: technicalColumn(Schema.fromJsonString(Schema.Array(Scope))),
  created_at: column(Schema.String, account("plain")),
  expires_at: technicalColumn(Schema.String),
  revoked_at: technicalColumn(Schema.NullOr(Schema.String)),
  last_used_at: column(Schema.NullOr(Schema.String), { ...account("plain"), purposes: ["security-monitoring"] })
})

/** A key that a person signs decisions with; `credential`, `rp_id`, `origin` and `counter` are a passkey's. */
export const ApprovalKeyRow = Schema.Struct({
  id: technicalColumn(ApprovalKeyId),
  organisation: technicalColumn(OrganisationId),
  person: column(PersonId, account("pseudonymous")),
  kind: technicalColumn(Schema.Literals(["ssh-key", "passkey"])),
  name: column(BytesColumn, account("sealed")),
  fingerprint: column(Schema.String, account("pseudonymous")),
  public_key: column(BytesColumn, account("pseudonymous")),
  credential: column(Schema.NullOr(Schema.String), account("pseudonymous")),
  rp_id: technicalColumn(Schema.NullOr(Schema.String)),
  origin: technicalColumn(Schema.NullOr(Schema.String)),
  counter: technicalColumn(IntegerColumn),
  added_at: column(Schema.String, account("plain")),
  revoked_at: technicalColumn(Schema.NullOr(Schema.String))
})

/** What the passkey that a person is about to register has to answer. */
export const PasskeyChallengeRow = Schema.Struct({
  organisation: technicalColumn(OrganisationId),
  person: column(PersonId, { ...account("pseudonymous"), retention: "session" }),
  challenge: technicalColumn(Schema.String),
  expires_at: technicalColumn(Schema.String)
})

/** The one owner link that is valid for an organisation; a new one takes its place. */
export const ClaimRow = Schema.Struct({
  organisation: technicalColumn(OrganisationId),
  code_hash: column(BytesColumn, { ...account("hashed"), retention: "session" }),
  created_at: technicalColumn(Schema.String),
  expires_at: technicalColumn(Schema.String),
  used_at: technicalColumn(Schema.NullOr(Schema.String))
})

/** Both hashes are keyed with the caller's token, which is stored nowhere: they say nothing about what was proposed. */
export const IdempotencyRow = Schema.Struct({
  token: technicalColumn(TokenId),
  key_hash: technicalColumn(BytesColumn),
  body_hash: technicalColumn(BytesColumn),
  execution: technicalColumn(Schema.NullOr(ExecutionId)),
  created_at: technicalColumn(Schema.String)
})

/** Every table of this package. */
export const serverInventory = [
  declareTable("server_organisations", OrganisationRow),
  declareTable("server_members", MemberRow),
  declareTable("server_tokens", TokenRow),
  declareTable("server_approval_keys", ApprovalKeyRow),
  declareTable("server_passkey_challenges", PasskeyChallengeRow),
  declareTable("server_claims", ClaimRow),
  declareTable("server_idempotency", IdempotencyRow),
  ...outboxInventory,
  ...notifyInventory
]

/** The server's own tables, for `migrate`. */
export const serverMigrations: ReadonlyArray<Migration> = [
  {
    version: 1,
    name: "organisations, members, tokens, owner link, idempotency",
    statements: ({ bytes }) => [
      "CREATE TABLE server_organisations (id TEXT PRIMARY KEY, created_at TEXT NOT NULL)",
      `CREATE TABLE server_members (
        person TEXT PRIMARY KEY, organisation TEXT NOT NULL REFERENCES server_organisations (id),
        name ${bytes} NOT NULL, roles TEXT NOT NULL, joined_at TEXT NOT NULL)`,
      "CREATE INDEX server_members_organisation ON server_members (organisation)",
      `CREATE TABLE server_tokens (
        id TEXT PRIMARY KEY, organisation TEXT NOT NULL REFERENCES server_organisations (id), kind TEXT NOT NULL,
        person TEXT, agent TEXT, name ${bytes} NOT NULL, hash ${bytes} NOT NULL UNIQUE, scopes TEXT NOT NULL,
        created_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT, last_used_at TEXT)`,
      "CREATE INDEX server_tokens_organisation ON server_tokens (organisation, person)",
      `CREATE TABLE server_claims (
        organisation TEXT PRIMARY KEY REFERENCES server_organisations (id),
        code_hash ${bytes} NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, used_at TEXT)`,
      `CREATE TABLE server_idempotency (
        token TEXT NOT NULL, key_hash ${bytes} NOT NULL, body_hash ${bytes} NOT NULL, execution TEXT, created_at TEXT NOT NULL,
        PRIMARY KEY (token, key_hash))`
    ]
  },
  {
    version: 2,
    name: "keys that people sign decisions with",
    statements: ({ bytes, integer }) => [
      `CREATE TABLE server_approval_keys (
        id TEXT PRIMARY KEY, organisation TEXT NOT NULL REFERENCES server_organisations (id), person TEXT NOT NULL,
        kind TEXT NOT NULL, name ${bytes} NOT NULL, fingerprint TEXT NOT NULL, public_key ${bytes} NOT NULL, credential TEXT,
        rp_id TEXT, origin TEXT, counter ${integer} NOT NULL, added_at TEXT NOT NULL, revoked_at TEXT)`,
      `CREATE UNIQUE INDEX server_approval_keys_fingerprint ON server_approval_keys (organisation, fingerprint)
        WHERE revoked_at IS NULL`
    ]
  },
  {
    version: 3,
    name: "challenges of passkeys",
    statements: () => [
      `CREATE TABLE server_passkey_challenges (
        person TEXT PRIMARY KEY, organisation TEXT NOT NULL, challenge TEXT NOT NULL, expires_at TEXT NOT NULL)`
    ]
  },
  {
    version: 4,
    name: "notifications and the outbox",
    statements: (types) => [...outboxStatements(types), ...notifyStatements(types)]
  }
]
