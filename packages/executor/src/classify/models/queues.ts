// Caches, queues, mail, and the other databases.
import { always } from "../judges/changing.ts"
import type { Model } from "../model.ts"

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
      args.length === 1 && args[0]?.literal === "--version"
        ? { class: "read", why: "prints the version" }
        : { class: "unknown", why: "a shell of JavaScript for a database" },
    read: ["mongosh --version"],
    notRead: ["mongosh --eval 'db.dropDatabase()'", "mongosh", "mongo x f.js", "mongosh --eval 'db.stats()'"]
  },
  always(
    "pg_dump pg_dumpall pg_restore pg_basebackup pg_ctl pg_ctlcluster mysqldump mariadb-dump mongodump mongoexport mongorestore createdb dropdb createuser clickhouse-client cqlsh influx",
    "unknown",
    "copies or changes databases",
    ["pg_dump x", "dropdb x", "mysqldump x", "pg_ctl stop"]
  )
]
