// Reads a plan back from the text of its view, as a careful person could. Only for tests: the view as data is what programs read.
import { createHash } from "node:crypto"
import type { PinnedTarget, Plan } from "../src/index.ts"
import { bytesIn, taker, textIn } from "./view-words.ts"

const LABELS =
  /^(Beware|Rollout|Targets|Command|Script|Upload|Fills in|Download|Content|Folder|Environment|May read|Connects to|Stdin|Runbook|Limits|Recovery|Executor|Access|Judged|Difference|In words|Nonce|Digest|Escapes) */

/** The values under each label. */
const sections = (view: string): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, Array<string>>()
  const lines = view.split("\n").slice(0, -1)
  const width = Math.max(...lines.map((line) => LABELS.exec(line)?.[1]?.length ?? 0))
  let label = ""
  for (const line of lines) {
    label = LABELS.exec(line.slice(0, width))?.[1] ?? label
    found.set(label, [...(found.get(label) ?? []), line.slice(width + 2)])
  }
  return found
}

const targets = (lines: ReadonlyArray<string>): Plan["targets"] => {
  if (lines[0]!.startsWith("none: ")) return []
  const found: Array<PinnedTarget> = []
  const starts = lines.flatMap((line, index) => (/^(?! )|^ {2}through /.test(line) ? [index] : []))
  for (const [at, start] of starts.entries()) {
    const isJump = lines[start]!.startsWith("  through ")
    const host = hostIn(lines.slice(start, starts[at + 1]).map((line) => line.slice(isJump ? 2 : 0)))
    const last = found.at(-1)
    if (isJump && last !== undefined) found[found.length - 1] = { ...last, jumps: [...(last.jumps ?? []), host] }
    else found.push(host)
  }
  return found
}

const hostIn = (lines: ReadonlyArray<string>): PinnedTarget => {
  const first = taker(lines[0]!.replace(/^through /, ""))
  const labelled = (label: string) =>
    lines.slice(1).flatMap((line) => {
      const taken = taker(line)
      if (!taken.has(`  ${label} `)) return []
      taken.skip(`  ${label} `)
      return [taken]
    })
  const name = first.word()
  first.skip("  ")
  const account = first.part()
  first.skip("@")
  const host = first.host()
  first.skip(":")
  const port = first.number()
  const [credential] = labelled("credential")
  const [hostKey, revokedKeys] = ["host key", "never the key"].map((label) =>
    labelled(label).map((line) => line.word())
  )
  const passphrase = labelled("passphrase")[0]?.word()
  const named = { name, account, host, port, hostKey: hostKey![0]!, credential: credential!.word() }
  credential!.skip("  ")
  const id = credential!.id()
  const selected = () => {
    credential!.skip("  selected by ")
    return credential!.word()
  }
  return {
    id,
    ...named,
    ...(revokedKeys!.length === 0 ? {} : { revokedKeys: revokedKeys! }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(credential!.isEmpty() ? {} : { selectedBy: selected() })
  }
}

const SETTINGS = {
  concurrency: /at most (\d+) at once/,
  canary: /the first (\d+) as canary/,
  batch: /batches of (\d+)/,
  stopAfter: /stops after (\d+) without success/
}

const rollout = (line = ""): Pick<Plan, "rollout"> => {
  const found = Object.entries(SETTINGS).flatMap(([name, pattern]) => {
    const value = pattern.exec(line)?.[1]
    return value === undefined ? [] : [[name, Number(value)] as const]
  })
  return found.length === 0 ? {} : { rollout: Object.fromEntries(found) }
}

const file = (line: string, filled: ReadonlyArray<string>): Plan["command"] => {
  const taken = taker(line)
  const isUpload = taken.has("to ")
  taken.skip(isUpload ? "to " : "from ")
  const path = taken.word()
  taken.skip("  ")
  if (isUpload) taken.skip("mode ")
  else taken.skip("at most ")
  if (!isUpload) return { _tag: "Download", path, bytesMax: taken.number() }
  const mode = taken.word()
  taken.skip("  ")
  const fill = Object.fromEntries(filled.map(filling))
  return { _tag: "Upload", path, mode, bytes: taken.number(), ...(filled.length === 0 ? {} : { fill }) }
}

const filling = (line: string): readonly [string, string] => {
  const taken = taker(line)
  taken.skip("secret ")
  const secret = taken.word()
  taken.skip(" for ")
  return [taken.word(), secret]
}

const command = (found: ReadonlyMap<string, ReadonlyArray<string>>): Plan["command"] => {
  const transfer = found.get("Upload") ?? found.get("Download")
  if (transfer !== undefined) return file(transfer[0]!, found.get("Fills in") ?? [])
  const lines = found.get("Script")
  if (lines !== undefined) return { _tag: "Script", script: numbered(lines.slice(1)).toString("utf8") }
  const line = taker(found.get("Command")![0]!)
  const words = [line.word()]
  while (!line.isEmpty()) {
    line.skip(" ")
    words.push(line.word())
  }
  return { _tag: "Argv", argv: words as [string, ...Array<string>] }
}

const numbered = (lines: ReadonlyArray<string>): Buffer => {
  const isClosed = lines.at(-1) !== "(no newline at the end)"
  const texts = (isClosed ? lines : lines.slice(0, -1)).map((line) => bytesIn(/^ *\d+ \| ?(.*)$/.exec(line)![1]!))
  const ended = texts.flatMap((text, index) => [...(index > 0 ? [Buffer.from("\n")] : []), text])
  return Buffer.concat(isClosed && texts.length > 0 ? [...ended, Buffer.from("\n")] : ended)
}

const environment = (lines: ReadonlyArray<string>) => {
  const env: Record<string, string> = {}
  const secretEnv: Record<string, string> = {}
  for (const line of lines.map(taker)) {
    const name = line.part()
    if (line.has(" = secret ")) {
      line.skip(" = secret ")
      secretEnv[name] = line.word()
    } else {
      line.skip("=")
      env[name] = line.part()
    }
  }
  return { env, secretEnv }
}

const secret = (line: string) => {
  const taken = taker(line)
  taken.skip("secret ")
  const name = taken.word()
  taken.skip(" version ")
  return { name, version: taken.number() }
}

const runbook = ([first, ...rest]: ReadonlyArray<string>): NonNullable<Plan["runbook"]> => {
  const head = taker(first!)
  const name = head.word()
  head.skip(" version ")
  const version = head.number()
  head.skip("  ")
  const parameters = rest.map((line) => {
    const taken = taker(line)
    const parameter = taken.word()
    taken.skip(" ")
    return [parameter, taken.word()] as const
  })
  return { id: head.id(), name, version, parameters: Object.fromEntries(parameters) }
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  ...{ B: 1, KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 }
}
const amount = (value: string, unit: string) => Number(value) * UNITS[unit]!

const recovery = (line: string | undefined): Pick<Plan, "recoverable"> => {
  if (line === undefined) return {}
  const [, ask, askUnit, keep, keepUnit] =
    /^goes on without the connection; asked for (\d+) (\w+), result kept there for (\d+) (\w+)$/.exec(line)!
  return { recoverable: { askMs: amount(ask!, askUnit!), keepMs: amount(keep!, keepUnit!) } }
}

/** What is not shown has only its digest. */
const stdinDigest = ([head, ...lines]: ReadonlyArray<string>): string =>
  head!.endsWith(":")
    ? createHash("sha256").update(numbered(lines)).digest("hex")
    : / SHA-256 (\w+), not shown/.exec(head!)![1]!

/** The plan in the view's text. Throws when the text is not one. */
export const planIn = (view: string): Plan => {
  const found = sections(view)
  const one = (label: string) => found.get(label)![0]!
  const [, ms, msUnit, bytes, bytesUnit] = /^(\d+) (\w+), (\d+) (\w+) of output$/.exec(one("Limits"))!
  const executor = taker(one("Executor"))
  const id = executor.word()
  executor.skip(" ")
  const stdin = found.get("Stdin") ?? found.get("Content")
  const sentence = one("In words").slice(0, -"  (advice, not part of what is approved)".length)
  return {
    v: 1,
    nonce: one("Nonce"),
    executor: id,
    executorVersion: executor.word(),
    targets: targets(found.get("Targets")!),
    ...rollout(found.get("Rollout")?.[0]),
    command: command(found),
    ...(stdin === undefined
      ? {}
      : {
          stdinDigest: stdinDigest(stdin)
        }),
    ...(found.has("Folder") ? { cwd: taker(one("Folder")).word() } : {}),
    ...environment(found.get("Environment") ?? []),
    secrets: (found.get("May read") ?? []).map(secret),
    ...(found.has("Connects to") ? { hosts: found.get("Connects to")!.map((line) => taker(line).word()) } : {}),
    ...(found.has("Runbook") ? { runbook: runbook(found.get("Runbook")!) } : {}),
    timeoutMs: amount(ms!, msUnit!),
    outputBytesMax: amount(bytes!, bytesUnit!),
    ...recovery(found.get("Recovery")?.[0]),
    access: /^\w+/.exec(one("Access"))![0] as Plan["access"],
    sentence: textIn(sentence)
  }
}
