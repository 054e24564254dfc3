// SQL: read only when it is provably one plain query whose functions are all known; everything else is unknown.

const PLAIN_FUNCTIONS = new Set(
  `count sum avg min max now version current_database current_user session_user user database schema length char_length lower upper trim
  round floor ceil abs coalesce nullif ifnull greatest least concat concat_ws substring substr left right date_trunc date_part extract age
  to_char date datediff timestampdiff timediff from_unixtime unix_timestamp year month day hour pg_size_pretty pg_database_size
  pg_total_relation_size pg_relation_size pg_table_size pg_indexes_size pg_is_in_recovery pg_postmaster_start_time
  pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_current_wal_lsn pg_wal_lsn_diff pg_last_xact_replay_timestamp pg_get_indexdef
  pg_blocking_pids array_agg string_agg group_concat row_number rank over in values and or not exists as where by having on using from
  select interval any all filter partition`.split(/\s+/)
)
const FORBIDDEN = new Set(
  `into outfile dumpfile insert update delete drop create alter truncate grant revoke copy call do execute prepare lock unlock set
  load handler import vacuum reindex cluster refresh notify listen declare fetch merge replace attach detach pragma share procedure
  pg_shadow pg_authid pg_user_mapping pg_largeobject authentication_string password system source tee pager edit`.split(
    /\s+/
  )
)
const START = /^(select|show|explain|describe|desc|table|with)$/
const TOKEN = /\s+|'(?:[^'\\])*'|[A-Za-z_][\w$]*|\d+(?:\.\d+)?|::|<=|>=|<>|!=|\|\||[-+*/%<>=(),.]/y

/** Is it one query that reads? No comments (MySQL executes some), no quoted identifiers, no variables, no backslashes. */
export const isPlainQuery = (sql: string): boolean => {
  const tokens = tokensOf(sql.trim().replace(/(;|\\G|\\g)$/, ""))
  if (tokens === undefined || !START.test(tokens[0] ?? "")) return false
  return tokens.every((token, index) => isPlainToken(token, tokens[index + 1], tokens[index - 1])) && isOneQuery(tokens)
}

const tokensOf = (sql: string): ReadonlyArray<string> | undefined => {
  const tokens: Array<string> = []
  if (/--|\/\*|#/.test(sql)) return undefined
  TOKEN.lastIndex = 0
  for (let at = 0; at < sql.length; at = TOKEN.lastIndex) {
    const token = TOKEN.exec(sql)?.[0]
    if (token === undefined) return undefined
    if (token.trim() !== "") tokens.push(token.toLowerCase())
  }
  return tokens
}

const isPlainToken = (token: string, next: string | undefined, previous: string | undefined): boolean => {
  if (!/^[a-z_]/.test(token)) return true
  if (FORBIDDEN.has(token) && !(token === "create" && previous === "show")) return false
  // A schema before a name makes it another function: `evil.count(`.
  return next !== "(" || (PLAIN_FUNCTIONS.has(token) && previous !== ".")
}

/** `explain` and `show` have words of their own; a locking clause is not a plain query. */
const isOneQuery = (tokens: ReadonlyArray<string>): boolean => {
  const isLocking = tokens.some(
    (token, index) => token === "for" && /^(update|share|no|key)$/.test(tokens[index + 1] ?? "")
  )
  const isExplain = tokens[0] === "explain"
  const explained = tokens.find(
    (token, index) =>
      index > 0 &&
      !/^(analyze|verbose|extended|format|=|json|tree|traditional|buffers|\(|\)|,|on|off|costs|timing)$/.test(token)
  )
  // The accounts of MySQL stand beside the hashes of their passwords.
  const isOfAccounts = tokens.includes("mysql") && (tokens.includes("*") || tokens[0] === "table")
  return !isLocking && !isOfAccounts && (!isExplain || explained === "select")
}
