import { database } from "../judges/database.ts"
import type { Form, Model } from "../model.ts"

const RANGE: Form = { contentFrom: "none", operands: 4 }

const redisCommands = (): Record<string, Form> => {
  const known: Record<string, Form> = {}
  const add = (words: string, form: Form): void => {
    for (const word of words.split(",")) {
      known[word] = form
      known[word.toUpperCase()] = form
    }
  }
  add(
    "ping,info,dbsize,lastsave,role,time,command count,cluster info,cluster nodes,cluster slots,client list,client info,slowlog len,memory stats,memory doctor,latency latest,latency doctor,module list,acl whoami,pubsub channels",
    { operands: 1 }
  )
  add(
    "get,type,ttl,pttl,exists,strlen,llen,scard,hlen,zcard,xlen,hgetall,hkeys,smembers,keys,memory usage,object encoding,object idletime,slowlog get,hget,lrange,zrange,scan",
    RANGE
  )
  add("config get", {
    contentFrom: "none",
    operands:
      /^(maxmemory|maxmemory-policy|maxclients|save|appendonly|dir|timeout|databases|loglevel|bind|port|tcp-keepalive|hz)$/i
  })
  return known
}

export const databases: ReadonlyArray<Model> = [
  {
    names: "psql",
    judge: database({
      flags:
        "-AtqxXlwWV -c: -d:word -U:word -p:number -h:name -F:dash -P:pager=off|footer=off|format=unaligned|format=csv|tuples_only|expanded|border=2 --command= --dbname=word --username=word --port=number --host=name --tuples-only --no-align --expanded --list --no-psqlrc --no-password --csv --quiet",
      statement: ["-c", "--command"],
      alone: ["-l", "--list"],
      commands: /^\\(l|l\+|d|d\+|dt|dt\+|di|di\+|dn|du|du\+|dx|df|dv|dp|conninfo|dS|db)( [\w.*]+)?$/
    }),
    read: [
      "psql -l",
      "psql -U postgres -c 'select count(*) from users'",
      "psql -d app -tAc 'SELECT version()'",
      "psql -c '\\l'",
      "psql -c 'select pid, state from pg_stat_activity'"
    ],
    notRead: [
      "psql",
      "psql -f x.sql",
      "psql -c 'drop table x'",
      "psql -c '\\! id'",
      "psql -o f -c 'select 1'",
      "psql -c \"copy x to program 'id'\"",
      "psql -c 'select pg_read_file(1)'",
      "psql -c 'select 1; drop table x'",
      "psql -c 'select 1 into x'",
      'psql -c "$SQL"',
      "psql 'service=x'",
      "psql -v x=y -c 'select 1'",
      "psql -L f -c 'select 1'",
      "psql -c 'select 1' -c 'delete from x'",
      "psql -tAc 'delete from x'",
      "psql -c 'explain analyze delete from x'",
      "psql -c 'select * from pg_shadow'",
      "psql --command='vacuum'",
      "psql -c 'select 1 \\g f'"
    ]
  },
  {
    names: "mysql mariadb",
    judge: database({
      flags:
        "-NBtsEVHr -e: -u:word -h:name -P:number -p? -D:word --execute= --user=word --host=name --port=number --password? --database=word --batch --skip-column-names --silent --table --vertical",
      statement: ["-e", "--execute"],
      commands: /^(status|\\s);?$/
    }),
    read: [
      "mysql -e 'SHOW PROCESSLIST'",
      "mysql -u root -pX -e 'show databases;'",
      "mysql -Ne 'select count(*) from app.users'",
      "mysql -e 'show slave status\\G'"
    ],
    notRead: [
      "mysql",
      "mysql -e 'drop database x'",
      "mysql -e '\\! sh'",
      "mysql -e 'system id'",
      "mysql < f",
      "mysql -e \"select 1 into outfile '/x'\"",
      "mysql -e \"select load_file('/etc/shadow')\"",
      "mysql --defaults-file=x -e 'show tables'",
      "mysql -e 'select 1; drop table x'",
      "mysql --pager=sh -e 'select 1'",
      "mysql --tee=f -e 'select 1'",
      "mysql -e 'select /*!50000 1 into outfile x */'",
      "mysql --init-command='drop x' -e 'select 1'",
      "mysql -e 'select @a:=1'",
      "mysql -e 'select sleep(1)'",
      "mysql -ue status",
      "mysql --plugin-dir=x -e 'select 1'",
      "mysql -e 'show tables' -e 'drop table x'"
    ]
  },
  {
    names: "mysqladmin mariadb-admin",
    flags: "-u:word -h:name -P:number -p? --user=word --host=name --password? -i:number -c:number",
    subcommands: {
      status: { operands: /^(status|extended-status|processlist|variables|ping|version)$/ },
      "extended-status": { operands: 0 },
      processlist: { operands: 0 },
      variables: { operands: 0 },
      ping: { operands: 0 },
      version: { operands: 0 }
    },
    read: ["mysqladmin -u root -p status", "mysqladmin processlist", "mysqladmin ping"],
    notRead: [
      "mysqladmin shutdown",
      "mysqladmin drop x",
      "mysqladmin status shutdown",
      "mysqladmin processlist kill 1",
      "mysqladmin --plugin-dir=x ping"
    ]
  },
  {
    names: "pg_isready",
    flags: "-q -d:word -h:name -p:number -U:word -t:number",
    operands: 0,
    read: ["pg_isready -h localhost"],
    notRead: ["pg_isready x"]
  },
  {
    names: "pg_lsclusters pg_controldata pg_config",
    flags: "-hj --bindir --version",
    operands: /^\/[\w./-]+$/,
    contentFrom: "none",
    read: ["pg_lsclusters"],
    notRead: ["pg_config $X"]
  },
  {
    names: "sqlite3",
    judge: database({
      style: "whole",
      flags:
        "-readonly -header -noheader -csv -json -line -column -list -table -box -markdown -batch -bail -version --version",
      statement: [],
      isOperand: true,
      alone: ["-version", "--version"],
      commands: /^\.(tables|databases|indexes|dbinfo|schema( \w+)?)$/
    }),
    read: [
      "sqlite3 app.db 'select count(*) from users'",
      "sqlite3 app.db .tables",
      "sqlite3 -readonly app.db '.schema users'",
      "sqlite3 --version"
    ],
    notRead: [
      "sqlite3 app.db",
      "sqlite3 app.db '.shell id'",
      "sqlite3 app.db 'delete from x'",
      "sqlite3 -cmd '.sh id' app.db",
      "sqlite3 app.db '.output f'",
      "sqlite3 app.db 'select load_extension(1)'",
      "sqlite3 x 'select writefile(1,2)'",
      "sqlite3 -init f x .tables",
      "sqlite3 x .dump"
    ]
  },
  {
    names: "redis-cli valkey-cli",
    read: [
      "redis-cli ping",
      "redis-cli info memory",
      "redis-cli -h 10.0.0.1 dbsize",
      "redis-cli CLIENT LIST",
      "redis-cli config get maxmemory",
      "redis-cli --bigkeys",
      "redis-cli --scan --pattern 'user:*'"
    ],
    notRead: [
      "redis-cli flushall",
      "redis-cli set a b",
      "redis-cli config set dir /x",
      "redis-cli eval 'x' 0",
      "redis-cli config get requirepass",
      "redis-cli config get '*'",
      "redis-cli --rdb f",
      "redis-cli --eval f",
      "redis-cli shutdown",
      "redis-cli -h x",
      "redis-cli -x set a",
      "redis-cli --pipe",
      "redis-cli module load x",
      "redis-cli slaveof x 1",
      "redis-cli -r 5 incr a"
    ],
    judge: (call) =>
      call.apply(
        call.args.some((arg) => REDIS_MODE.test(arg.literal ?? "")) ? { ...REDIS_OPTIONS, operands: 0 } : REDIS
      )
  }
]

const REDIS_MODE = /^--(stat|bigkeys|memkeys|latency|scan|version)$/
const REDIS_OPTIONS: Form = {
  flags:
    "-h:name -p:number -n:number -a: --no-auth-warning --stat --bigkeys --memkeys --latency --scan --pattern= --count=number --raw --no-raw",
  contentFrom: "none"
}
// Without a command it takes commands from its input.
const REDIS: Form = { ...REDIS_OPTIONS, subcommands: redisCommands() }
