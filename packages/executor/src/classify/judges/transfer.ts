// curl and wget: a plain GET or HEAD of an address that is written out; the answer goes to standard output or nowhere.
import type { Argument } from "../argument.ts"
import type { Verdict } from "../classification.ts"
import { type Form, type Judge, reads, unknown } from "../model.ts"
import { parseOptions } from "../options.ts"

const CURL: Form = {
  flags:
    "-sSfIikLvV46gNq#Z -m:number -o: -w: -H: -A:name -r:word -X: --silent --show-error --fail --fail-with-body --head --include --insecure --location --verbose --version --ipv4 --ipv6 --globoff --no-buffer --compressed --max-time=number --connect-timeout=number --retry=number --retry-delay=number --max-redirs=number --http1.1 --http2 --http1.0 --http3 --tlsv1.2 --tlsv1.3 --tls-max=word --output= --write-out= --header= --user-agent=name --resolve=name --no-progress-meter --progress-bar --request= --no-keepalive --path-as-is --max-filesize=number --speed-limit=number --speed-time=number"
}

export const curl: Judge = (call) => {
  const { refusal, operands, options } = parseOptions(CURL, call.args)
  if (refusal !== undefined) return refusal
  if (options.has("-V") || options.has("--version")) return reads("prints the version of curl")
  for (const [index, arg] of call.args.entries()) {
    const value = checkedValue(call.args, index)
    if (value !== undefined && !isHarmlessValue(arg.prefix, value)) {
      return unknown(`curl with ${arg.pattern} may write, send or change`, arg.range)
    }
  }
  return judgeAddresses(operands, "curl")
}

/** The value of an option that needs a look: the same option may stand there several times. */
const checkedValue = (args: ReadonlyArray<Argument>, index: number): string | undefined => {
  const arg = args[index] as Argument
  const long = /^--(output|write-out|header|request)(?:=(.*))?$/s.exec(arg.literal ?? arg.prefix)
  if (long !== null) return arg.literal === undefined ? "\0" : (long[2] ?? args[index + 1]?.literal ?? "\0")
  const short = /^-[sSfIikLvV46gNq#Z]*[owHX](.*)$/s.exec(arg.literal ?? arg.prefix)
  if (short === null) return undefined
  if (arg.literal === undefined) return "\0"
  return short[1] === "" ? (args[index + 1]?.literal ?? "\0") : short[1]
}

const isHarmlessValue = (option: string, value: string): boolean => {
  if (/^--output|^-\w*?o/.test(option)) return value === "/dev/null" || value === "-"
  if (/^--request|^-\w*?X/.test(option)) return /^(GET|HEAD|OPTIONS)$/.test(value)
  if (/^--write-out|^-\w*?w/.test(option)) return !/^@|%output|%\{output/.test(value) && value !== "\0"
  return /^(Accept[\w-]*|Host|User-Agent|Cache-Control|Pragma|Connection|Range|If-[\w-]+|Origin|Referer|X-Forwarded-\w+) ?: ?[^@]*$/i.test(
    value
  )
}

const WGET: Form = {
  flags:
    "-qSvdV46 -O: -T:number -t:number --spider --server-response --quiet --no-verbose --version --timeout=number --tries=number --no-check-certificate --output-document= --max-redirect=number --user-agent=name -nv -U:name --inet4-only --inet6-only"
}

export const wget: Judge = (call) => {
  const { refusal, operands, options } = parseOptions(
    WGET,
    call.args.filter((arg) => arg.literal !== "-nv")
  )
  if (refusal !== undefined) return refusal
  if (options.has("-V") || options.has("--version")) return reads("prints the version of wget")
  const count = call.args.filter((arg) => /^(-\w*O|--output-document)/.test(arg.prefix)).length
  const output = options.get("-O") ?? options.get("--output-document")
  const isKept = output === undefined ? !options.has("--spider") : !/^(-|\/dev\/null)$/.test(output.literal ?? "")
  if (isKept || count > 1) return { class: "write", why: "wget writes what it fetches to a file" }
  return judgeAddresses(operands, "wget")
}

// Addresses that hand out credentials to whoever asks, and words of addresses that act when they are fetched.
const METADATA = /169\.254\.|fd00:ec2|metadata|instance-data|100\.100\.100\.200|192\.0\.0\.192/i
const ACTING =
  /(delete|remove|shutdown|reboot|restart|reset|purge|drop|kill|stop|start|flush|reload|quit|exec|admin|token|secret|passw|credential|apikey|api_key|access_key|webhook|hooks?\b|logout|create|update|write|upload|trigger|deploy|cmd|command|eval|disable|enable|unseal|seal\b|set\b|put\b)/i
const HOST = /^(?:https?:\/\/)?(\[[\da-f:]+\]|[a-z\d](?:[a-z\d.-]*[a-z\d])?)(?::\d+)?(?:[/?#]|$)/i

const judgeAddresses = (operands: ReadonlyArray<Argument>, name: string): Verdict => {
  if (operands.length === 0) return unknown(`${name} without an address`)
  for (const operand of operands) {
    const danger = dangerOf(operand)
    if (danger !== undefined) return { class: danger[0], why: `${name} ${danger[1]}`, range: operand.range }
  }
  return reads(`${name} fetches a page`)
}

/** An unquoted `?` of a query stays what it is: no file has an address for its name. */
const asWritten = ({ literal, spread, pattern }: Argument): string | undefined =>
  literal === undefined && spread === "several" && !pattern.includes("*") ? pattern : literal

const dangerOf = (operand: Argument): readonly ["exfiltrate" | "unknown", string] | undefined => {
  const literal = asWritten(operand)
  if (literal === undefined) return ["exfiltrate", "sends what an expansion brings"]
  const host = HOST.exec(literal)?.[1]
  if (host === undefined || literal.includes("@")) return ["unknown", "with an address that is not plain http or https"]
  const address = literal.replace(/^https?:\/\//, "")
  // Other ways of writing 169.254.169.254: one number, hexadecimal or octal pieces.
  const isOddNumber = /^(0x|0\d|\d+$)/i.test(host) || /\.0x|\.0\d/i.test(host)
  if (METADATA.test(address) || isOddNumber || /::ffff/i.test(host))
    return ["exfiltrate", "asks an address that may hand out credentials"]
  const path = address.slice(address.search(/[/?#]|$/))
  if (ACTING.test(path) || /%/.test(path)) return ["unknown", "asks an address that may act when it is asked"]
  return undefined
}
