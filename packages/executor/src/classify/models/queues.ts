// Caches, queues, mail, and the other databases.
import { always } from "../judges/changing.ts"
import type { Model } from "../model.ts"

/** One call without arguments of ours, or with numbers only. */
const MONGO_CALL =
  /^(printjson\()?(db\.(stats|version|serverStatus|currentOp|getCollectionNames|getUsers|hostInfo|printReplicationInfo)\(\)|rs\.(status|conf|isMaster|printSecondaryReplicationInfo)\(\)|sh\.status\(\)|db\.(adminCommand|runCommand)\( ?\{ ?["']?(ping|listDatabases|buildInfo|serverStatus|replSetGetStatus)["']? ?: ?1 ?\} ?\)(\.ok)?|db\.\w+\.(countDocuments|estimatedDocumentCount|getIndexes|stats|count)\(\)|db\.\w+\.find\(\)\.limit\(\d+\)|show (dbs|databases|collections|users))\)?;?$/

const isMongoReading = (words: ReadonlyArray<string>): boolean => {
  const rest = words.filter((word) => word !== "--quiet" && word !== "--norc")
  if (rest.length === 1 && rest[0] === "--version") return true
  const [eval_, code] = rest.slice(-2)
  const isNamed = rest.length === 2 || (rest.length === 3 && /^\w+$/.test(rest[0] ?? ""))
  return isNamed && eval_ === "--eval" && MONGO_CALL.test(code ?? "")
}

export const queues: ReadonlyArray<Model> = [
  {
    names: "memcached-tool",
    contentFrom: "none",
    operands: /^([\w.:-]+|stats|display|settings)$/,
    read: ["memcached-tool 127.0.0.1:11211 stats"],
    notRead: ["memcached-tool x dump --x", "memcached-tool $X"]
  },
  {
    names: "rabbitmqctl rabbitmq-diagnostics",
    flags: "-q -n:name -p:name --quiet",
    inherited: "-q -p:name --formatter=name",
    subcommands: Object.fromEntries(
      [
        "status",
        "cluster_status",
        "list_queues",
        "list_exchanges",
        "list_bindings",
        "list_connections",
        "list_channels",
        "list_consumers",
        "list_vhosts",
        "list_users",
        "list_permissions",
        "ping",
        "check_running",
        "check_local_alarms",
        "alarms",
        "listeners",
        "memory_breakdown"
      ].map((key) => [key, { contentFrom: "none" as const, operands: /^[\w.-]+$/ }])
    ),
    read: ["rabbitmqctl status", "rabbitmqctl list_queues name messages", "rabbitmq-diagnostics ping"],
    notRead: [
      "rabbitmqctl eval 'x'",
      "rabbitmqctl stop",
      "rabbitmqctl add_user x y",
      "rabbitmqctl purge_queue x",
      "rabbitmqctl --script-name x status"
    ]
  },
  {
    names: "mongostat mongotop",
    flags: "--version -n:number --rowcount=number",
    operands: /^\d+$/,
    read: ["mongostat -n 1", "mongotop 5"],
    notRead: ["mongostat --config x", "mongostat --uri x"]
  },
  {
    names: "postqueue mailq",
    read: ["postqueue -p", "mailq"],
    notRead: ["postqueue -f", "mailq -C x"],
    judge: (call) =>
      call.name === "postqueue" ? call.apply({ flags: "-p", needs: "-p", operands: 0 }) : call.apply({ operands: 0 })
  },
  {
    names: "postconf",
    flags: "-nd -h",
    operands: /^\w+$/,
    contentFrom: "none",
    read: ["postconf -n"],
    notRead: ["postconf -e x=y", "postconf x=y", "postconf -c /x"]
  },
  {
    names: "mongosh mongo",
    judge: ({ args }) =>
      isMongoReading(args.map((arg) => arg.literal ?? "\0"))
        ? { class: "read", why: "prints the version, or evaluates one call that reads" }
        : { class: "unknown", why: "a shell of JavaScript for a database" },
    read: [
      "mongosh --version",
      "mongosh --eval 'db.stats()'",
      "mongosh --quiet --eval 'rs.status()'",
      "mongosh app --eval 'db.users.countDocuments()'",
      "mongosh --eval 'db.adminCommand({ping:1})'"
    ],
    notRead: [
      "mongosh --eval 'db.dropDatabase()'",
      "mongosh",
      "mongo x f.js",
      "mongosh --eval 'db.stats();db.dropDatabase()'",
      "mongosh --eval 'db.users.drop()'",
      "mongosh --eval 'rs.status()' f.js",
      "mongosh --eval 'db.users.find().forEach(x => db.y.insert(x))'",
      "mongosh --eval 'db.adminCommand({shutdown:1})'"
    ]
  },
  always(
    "pg_dump pg_dumpall pg_restore pg_basebackup pg_ctl pg_ctlcluster mysqldump mariadb-dump mongodump mongoexport mongorestore createdb dropdb createuser clickhouse-client cqlsh influx",
    "unknown",
    "copies or changes databases",
    ["pg_dump x", "dropdb x", "mysqldump x", "pg_ctl stop"]
  )
]
