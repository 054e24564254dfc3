// Values that stand behind a name, in a header or in an address which says that they are secret.
import type { FormPart, SecretForm } from "./form.ts"
import { madeUp } from "./made-up.ts"

const VALUE_BYTES_MAX = 4_096

/** Behind the name: its closing quote or bracket, then `=`, `:`, `:=` or `=>`. */
const ASSIGNED: SecretForm["parts"] = [
  { chars: "\"'\\\\]", min: 0, max: 3 },
  { chars: " \t", min: 0, max: 8 },
  { chars: ":=>", min: 1, max: 2 },
  { chars: " \t", min: 0, max: 8 }
]

const between = (quote: string, min: number): ReadonlyArray<FormPart> => [
  { chars: "\\\\", min: 0, max: 3 },
  { text: quote },
  { chars: `^${quote}\\r\\n`, min, max: VALUE_BYTES_MAX, hidden: true }
]

const bare = (min: number): FormPart => ({ chars: "^\\s\"'&;<>", min, max: VALUE_BYTES_MAX, hidden: true })

interface Named {
  readonly kind: string
  readonly names: SecretForm["starts"]
  /** A shorter value is not masked. */
  readonly min: number
  readonly masked: ReadonlyArray<string>
  readonly shown: ReadonlyArray<string>
}

/** A name and its value: between double quotes, between single quotes, or up to the next blank. */
const named = ({ kind, names, min, masked, shown }: Named): ReadonlyArray<SecretForm> => {
  const form = (parts: ReadonlyArray<FormPart>, examples: Pick<SecretForm, "masked" | "shown">): SecretForm => ({
    kind,
    starts: names,
    ignoreCase: true,
    parts: [...ASSIGNED, ...parts],
    ...examples
  })
  const value = madeUp(12)
  return [
    form([bare(Math.max(min, 3))], { masked, shown }),
    form(between('"', min), {
      masked: [`"${names[0]}": "${value} x"`, `"{\\"${names[0]}\\":\\"${value}\\"}"`],
      shown: []
    }),
    form(between("'", min), { masked: [`'${names[0]}' => '${value} x'`], shown: [] })
  ]
}

export const valueForms: ReadonlyArray<SecretForm> = [
  ...named({
    kind: "password",
    names: ["password", "passwd", "passphrase", "mysql_pwd", "rediscli_auth"],
    min: 1,
    masked: [
      "PGPASSWORD=tiger psql",
      "password: tiger",
      "db.password=ti,ger",
      "host=a password=tiger user=b",
      "?password=tiger&x=1"
    ],
    shown: ["Password: ", "Failed password for root", "PASSWORD_FILE=/run/secrets/x", "passwords: 3", "password=\n"]
  }),
  ...named({
    kind: "secret",
    names: [
      "secret",
      "token",
      "secret_key",
      "secretkey",
      "secret-key",
      "secret_access_key",
      "secretaccesskey",
      "secret-access-key",
      "api_key",
      "apikey",
      "api-key",
      "private_key",
      "privatekey",
      "private-key",
      "account_key",
      "accountkey",
      "sharedaccesskey",
      "encryption_key",
      "auth_key"
    ],
    min: 8,
    masked: [
      `AWS_SECRET_ACCESS_KEY=${madeUp(40)}`,
      `api_key: ${madeUp(32)}`,
      `X-Vault-Token: ${madeUp(24)}`,
      `AccountName=x;AccountKey=${madeUp(86)}==;EndpointSuffix=y`,
      `PrivateKey = ${madeUp(43)}=`
    ],
    shown: ["secret: ", "token: none", "max_tokens=20000000", "secret_name: payments-production", "tokenizer=fast"]
  }),
  {
    kind: "password",
    starts: ["--password ", "--passwd ", "--passphrase ", "--secret ", "--token ", "--api-key "],
    parts: [{ chars: "^\\s", min: 3, max: VALUE_BYTES_MAX, hidden: true }],
    masked: ["mysqldump --password tiger db"],
    shown: ["mysqldump --password\n", "--password x"]
  },
  {
    kind: "password",
    starts: ["identified by ", "with password "],
    ignoreCase: true,
    parts: [{ text: "'" }, { chars: "^'\\r\\n", min: 1, max: VALUE_BYTES_MAX, hidden: true }],
    masked: ["CREATE USER a IDENTIFIED BY 'tiger'", "ALTER ROLE a WITH PASSWORD 'tiger'"],
    shown: ["identified by name"]
  },
  {
    kind: "registry-login",
    starts: ['"auth"'],
    parts: [
      { chars: " :", min: 1, max: 8 },
      { text: '"' },
      { chars: "A-Za-z0-9+/=_-", min: 8, max: VALUE_BYTES_MAX, hidden: true }
    ],
    masked: [`{"auths":{"x":{"auth": "${madeUp(24)}"}}}`],
    shown: ['"auth": "none"', '"auth": true']
  },
  {
    kind: "authorization",
    starts: ["authorization"],
    ignoreCase: true,
    parts: [
      ...ASSIGNED,
      { chars: "\"'\\\\", min: 0, max: 3 },
      { chars: "^\"'\\r\\n", min: 6, max: VALUE_BYTES_MAX, hidden: true }
    ],
    masked: [
      "> Authorization: Basic YTpiY2Q=",
      `"authorization":"Bearer ${madeUp(20)}"`,
      "Proxy-Authorization: Digest x"
    ],
    shown: ["Authorization: none", "authorization failed for root"]
  },
  {
    kind: "bearer-token",
    starts: ["bearer "],
    ignoreCase: true,
    word: true,
    parts: [{ chars: "A-Za-z0-9._~+/=-", min: 16, max: VALUE_BYTES_MAX, hidden: true }],
    masked: [`curl -H 'X: Bearer ${madeUp(24)}'`],
    shown: ["the bearer of bad news", "Bearer realm"]
  },
  {
    kind: "cookie",
    starts: ["cookie: "],
    ignoreCase: true,
    parts: [
      { chars: "^=\\s\"';,", min: 1, max: 128 },
      { text: "=" },
      { chars: "^\"'\\r\\n", min: 4, max: VALUE_BYTES_MAX, hidden: true }
    ],
    masked: [`< Set-Cookie: sid=${madeUp(20)}; Path=/`, "cookie: a=bcde"],
    shown: ["Cookie: none", "cookie: a=b"]
  },
  {
    kind: "url-password",
    starts: ["://"],
    parts: [
      { chars: "^\\s/@:\"'<>?#", min: 0, max: 256 },
      { text: ":" },
      { chars: "^\\s/@\"'<>", min: 1, max: 512, hidden: true },
      { text: "@" }
    ],
    masked: ["postgres://app:tiger@db:5432/x", "redis://:tiger@cache"],
    shown: ["http://localhost:3000/", "https://host/a:b@c", "ssh://git@host:22/x", "://"]
  }
]
