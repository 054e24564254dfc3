// A planted value and every form in which it could leak.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { inspect } from "node:util"

/** The bytes of a value as they would stand in a file, a log line or a URL. */
export const formsOf = (value: string): ReadonlyArray<Buffer> => {
  const raw = Buffer.from(value)
  const texts = [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    raw.toString("hex"),
    raw.toString("hex").toUpperCase(),
    raw.toString("latin1"),
    ...base64Forms(raw)
  ]
  return [...new Set(texts)].map((text) => Buffer.from(text))
}

/** Within longer data, base64 begins at one of three offsets; only what does not touch the neighbours is certain. */
const base64Forms = (raw: Buffer): ReadonlyArray<string> =>
  [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), raw])
    const certain = encoded
      .toString("base64")
      .replaceAll("=", "")
      .slice(offset === 0 ? 0 : 4, -4)
    return [certain, certain.replaceAll("+", "-").replaceAll("/", "_")]
  })

/** Where a planted value is found. */
export const findIn = (haystacks: Readonly<Record<string, Buffer>>, values: ReadonlyArray<string>) =>
  Object.entries(haystacks).flatMap(([name, bytes]) =>
    values.flatMap(formsOf).flatMap((form) => (bytes.includes(form) ? [`${form} in ${name}`] : []))
  )

/** Every way in which a program shows a value to somebody. */
export const shown = (value: unknown): Buffer => {
  const texts = [inspect(value, { depth: 20, showHidden: true, getters: true }), String(value)]
  const json = JSON.stringify(value) ?? ""
  const error = value instanceof Error ? `${value.message}${value.stack}` : ""
  return Buffer.from([...texts, json, error].join("\n"))
}

/** Every file under a folder; what disappears meanwhile is skipped. */
export const filesUnder = (folder: string): Readonly<Record<string, Buffer>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap((entry) => {
        const path = join(entry.parentPath, entry.name)
        try {
          return [[path, readFileSync(path)]]
        } catch (cause) {
          if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return []
          throw cause
        }
      })
  )
