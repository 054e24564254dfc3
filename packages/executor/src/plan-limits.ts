// The limits of a plan. Each is a number with its reason, and a sentence for whoever goes beyond it.
import { hostPlace } from "./hosts.ts"
import type { Plan } from "./plan.ts"

/** Targets of one plan. */
export const TARGETS_MAX = 1_000
/** Runs of one execution at the same time: each is a connection and a recording. */
export const CONCURRENCY_MAX = 200
/** The most that a script may weigh: far beyond what people read before they approve it. */
export const SCRIPT_BYTES_MAX = 256 * 1024
export const ARGV_ITEMS_MAX = 1_024
/** All arguments together, the same as a script. */
export const ARGV_BYTES_MAX = 256 * 1024
export const STDIN_BYTES_MAX = 1024 * 1024
/** A file that is put on a target: it is held in memory, and sealed in one piece, until it has run. */
export const UPLOAD_BYTES_MAX = 8 * 1024 * 1024
export const DOWNLOAD_BYTES_DEFAULT = 16 * 1024 * 1024
/** A file that is fetched: it is sealed piece by piece, and kept as long as the transcript. */
export const DOWNLOAD_BYTES_MAX = 256 * 1024 * 1024
/** Environment variables, plain and secret together. */
export const ENV_ITEMS_MAX = 256
/** All plain values together. */
export const ENV_BYTES_MAX = 128 * 1024
export const SECRETS_MAX = 200
export const HOSTS_MAX = 100
/** PATH_MAX of Linux. */
export const CWD_BYTES_MAX = 4_096
export const PATH_BYTES_MAX = 4_096
export const SENTENCE_LENGTH_MAX = 500
export const TIMEOUT_MS_DEFAULT = 10 * 60 * 1_000
export const TIMEOUT_MS_MAX = 24 * 60 * 60 * 1_000
/** How long a target that is out of reach is asked about a recoverable run. */
export const ASK_MS_DEFAULT = 10 * 60 * 1_000
export const ASK_MS_MAX = 24 * 60 * 60 * 1_000
/** How long a target keeps the result of a recoverable run. */
export const KEEP_MS_DEFAULT = 24 * 60 * 60 * 1_000
export const KEEP_MS_MAX = 30 * 24 * 60 * 60 * 1_000
export const OUTPUT_BYTES_DEFAULT = 64 * 1024 * 1024
export const OUTPUT_BYTES_MAX = 1024 * 1024 * 1024

/** The first limit that the plan breaks, as a sentence that says what to change; `undefined` when it keeps all of them. */
export const brokenLimit = (plan: Plan, stdin?: Uint8Array): string | undefined =>
  commandLimit(plan.command) ??
  environmentLimit(plan) ??
  stdinLimit(plan, stdin) ??
  LIMITS.find(([isKept]) => !isKept(plan))?.[1]

type Limit = readonly [isKept: (plan: Plan) => boolean, sentence: string]

const isBetween = (value: number, min: number, max: number) => Number.isInteger(value) && value >= min && value <= max

const ROLLOUT_WORDS = {
  canary: "The number of canary targets",
  batch: "The size of a batch",
  stopAfter: "The number of failures to stop after"
} as const

const LIMITS: ReadonlyArray<Limit> = [
  [({ targets }) => targets.length <= TARGETS_MAX, `A plan has at most ${TARGETS_MAX} targets. Split it.`],
  ...(["canary", "batch", "stopAfter"] as const).map(
    (name): Limit => [
      ({ rollout }) => rollout?.[name] === undefined || isBetween(rollout[name], 1, TARGETS_MAX),
      `${ROLLOUT_WORDS[name]} must be between 1 and ${TARGETS_MAX}.`
    ]
  ),
  [
    ({ rollout }) => rollout?.concurrency === undefined || isBetween(rollout.concurrency, 1, CONCURRENCY_MAX),
    `Between 1 and ${CONCURRENCY_MAX} targets can run at the same time.`
  ],
  [({ secrets }) => secrets.length <= SECRETS_MAX, `A plan names at most ${SECRETS_MAX} secrets. Split it.`],
  [({ hosts = [] }) => hosts.length <= HOSTS_MAX, `A plan names at most ${HOSTS_MAX} hosts. Split it.`],
  [
    ({ hosts = [] }) => hosts.every((host) => hostPlace(host) !== undefined),
    "A host is written as name:port, [IPv6 address]:port or unix:/path, as in api.example.com:443."
  ],
  [
    ({ cwd }) => cwd === undefined || (cwd.startsWith("/") && isText(cwd) && byteLength(cwd) <= CWD_BYTES_MAX),
    `The working directory must be an absolute path of at most ${CWD_BYTES_MAX} bytes without NUL characters.`
  ],
  [
    ({ timeoutMs }) => isBetween(timeoutMs, 1, TIMEOUT_MS_MAX),
    `The timeout must be between 1 ms and ${TIMEOUT_MS_MAX} ms (24 hours).`
  ],
  [
    ({ outputBytesMax }) => isBetween(outputBytesMax, 1, OUTPUT_BYTES_MAX),
    `The output limit must be between 1 byte and ${OUTPUT_BYTES_MAX} bytes (1 GiB).`
  ],
  [
    ({ recoverable, command: { _tag } }) => recoverable === undefined || (_tag !== "Upload" && _tag !== "Download"),
    "A file is not moved by a recoverable run: what breaks off leaves the old one as it was, and is proposed again."
  ],
  [
    ({ recoverable }) => recoverable === undefined || isBetween(recoverable.askMs, 1, ASK_MS_MAX),
    `A target can be asked about its run for 1 ms to ${ASK_MS_MAX} ms (24 hours).`
  ],
  [
    ({ recoverable }) => recoverable === undefined || isBetween(recoverable.keepMs, recoverable.askMs, KEEP_MS_MAX),
    `A target can keep the result of a run for up to ${KEEP_MS_MAX} ms (30 days), and must keep it as long as it is asked for.`
  ],
  [
    ({ sentence }) => isText(sentence) && sentence.length > 0 && sentence.length <= SENTENCE_LENGTH_MAX,
    `The sentence that describes the plan must have 1 to ${SENTENCE_LENGTH_MAX} characters.`
  ]
]

const commandLimit = (command: Plan["command"]): string | undefined => {
  switch (command._tag) {
    case "Script":
      return scriptLimit(command.script)
    case "Argv":
      return argvLimit(command.argv)
    case "Upload":
      return pathLimit(command.path)
    case "Download":
      return (
        pathLimit(command.path) ?? (isBetween(command.bytesMax, 1, DOWNLOAD_BYTES_MAX) ? undefined : DOWNLOAD_LIMIT)
      )
  }
}

const DOWNLOAD_LIMIT = `The size limit of a file must be between 1 byte and ${DOWNLOAD_BYTES_MAX} bytes (256 MiB).`

const pathLimit = (path: string): string | undefined =>
  path.startsWith("/") && !path.endsWith("/") && isText(path) && byteLength(path) <= PATH_BYTES_MAX
    ? undefined
    : `The path of a file must be absolute, of at most ${PATH_BYTES_MAX} bytes without NUL characters, and name no folder (no / at its end).`

const scriptLimit = (script: string): string | undefined => {
  if (script === "") return "The script is empty."
  if (!isText(script)) return `The script ${NOT_TEXT}`
  const bytes = byteLength(script)
  return bytes > SCRIPT_BYTES_MAX
    ? `The script has ${bytes} bytes; at most ${SCRIPT_BYTES_MAX} are allowed. Put it on the target as a file and run that.`
    : undefined
}

const argvLimit = (argv: ReadonlyArray<string>): string | undefined => {
  if (argv.length > ARGV_ITEMS_MAX)
    return `The command has ${argv.length} arguments; at most ${ARGV_ITEMS_MAX} are allowed.`
  if (argv[0] === "") return "The name of the program is empty."
  const broken = argv.findIndex((argument) => !isText(argument))
  if (broken >= 0) return `Argument ${broken} ${NOT_TEXT}`
  const bytes = argv.reduce((sum, argument) => sum + byteLength(argument), 0)
  return bytes > ARGV_BYTES_MAX
    ? `The arguments have ${bytes} bytes together; at most ${ARGV_BYTES_MAX} are allowed. Use a script or standard input.`
    : undefined
}

const stdinLimit = ({ command, stdinDigest }: Plan, stdin: Uint8Array | undefined): string | undefined => {
  if (command._tag !== "Upload")
    return stdin !== undefined && stdin.length > STDIN_BYTES_MAX
      ? `Standard input has ${stdin.length} bytes; at most ${STDIN_BYTES_MAX} are allowed.`
      : undefined
  if (stdinDigest === undefined || command.bytes !== (stdin?.length ?? command.bytes))
    return "The size of the file is not that of its content."
  return isBetween(command.bytes, 0, UPLOAD_BYTES_MAX)
    ? undefined
    : `The file has ${command.bytes} bytes; at most ${UPLOAD_BYTES_MAX} (8 MiB) can be put on a target. Have the target fetch it from somewhere.`
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

const environmentLimit = ({ env, secretEnv }: Plan): string | undefined => {
  const names = [...Object.keys(env), ...Object.keys(secretEnv)]
  if (names.length > ENV_ITEMS_MAX) return `At most ${ENV_ITEMS_MAX} environment variables are allowed.`
  const misnamed = names.find((name) => !VARIABLE.test(name))
  if (misnamed !== undefined)
    return `${JSON.stringify(misnamed)} is not a name for an environment variable: letters, digits and _ only, at most 128.`
  const twice = Object.keys(env).find((name) => name in secretEnv)
  if (twice !== undefined) return `The environment variable ${twice} is given twice: as a value and as a secret.`
  const broken = Object.keys(env).find((name) => !isText(env[name]!))
  if (broken !== undefined) return `The environment variable ${broken} ${NOT_TEXT}`
  const bytes = Object.values(env).reduce((sum, value) => sum + byteLength(value), 0)
  return bytes > ENV_BYTES_MAX ? `The environment has ${bytes} bytes; at most ${ENV_BYTES_MAX} are allowed.` : undefined
}

const NOT_TEXT = "holds a NUL character or broken Unicode, which no program can be given."

/** Can it be handed to a program as it is? Lone surrogates have no UTF-8, and NUL ends a C string. */
const isText = (text: string): boolean => text.isWellFormed() && !text.includes("\0")

const byteLength = (text: string): number => Buffer.byteLength(text, "utf8")
