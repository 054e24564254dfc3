// Writes a new plugin from the template.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { checkoutAround, linkPackages } from "./checkout.ts"

/** What to write. */
export interface Creation {
  /** `acme.restart` */
  readonly id: string
  /** The id with dashes unless told. */
  readonly folder: string | undefined
  /** Uses the packages of the checkout that this program is in. */
  readonly isLinked: boolean
}

/** Nothing was written. The message says why, and what to do. */
export class CreationRefused extends Error {}

const TEMPLATE = join(import.meta.dirname, "..", "template")
const ID = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/
const ID_LENGTH_MAX = 64

/** Writes the plugin into a folder that is new or empty; refuses everything else with `CreationRefused`. */
export const createExecutor = ({ id, folder, isLinked }: Creation) => {
  if (id.length > ID_LENGTH_MAX || !ID.test(id)) {
    throw new CreationRefused(
      `"${id}" is not an id for an executor: use words of a-z, 0-9 and -, joined by dots, at most ${ID_LENGTH_MAX} characters, as in acme.restart. Nothing was written.`
    )
  }
  const place = resolve(folder ?? id.replaceAll(".", "-"))
  const problem = placeProblem(place)
  if (problem !== undefined) throw new CreationRefused(`${place} ${problem} Nothing was written.`)
  const checkout = isLinked ? checkoutAround(import.meta.dirname) : undefined
  if (isLinked && checkout === undefined) {
    throw new CreationRefused("--link works in a checkout of FluxCybers after npm ci. Nothing was written.")
  }
  const fill = filling(id, isLinked)
  const files = templateFiles(TEMPLATE).map((file) => {
    const path = join(place, file.replace(/^gitignore$/, ".gitignore"))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, fill(readFileSync(join(TEMPLATE, file), "utf8")))
    return path
  })
  if (checkout !== undefined) linkPackages(checkout, place)
  return { folder: place, files }
}

const placeProblem = (place: string): string | undefined => {
  if (!existsSync(place)) return undefined
  if (!statSync(place).isDirectory()) return "is a file. Name another folder."
  return readdirSync(place).length > 0 ? "is not empty. Name a new folder." : undefined
}

const templateFiles = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

/** The condition under which a checkout's packages open their sources. */
const SOURCE_CONDITION = "@fluxcybers/source"

const filling = (id: string, isLinked: boolean) => {
  const values: Readonly<Record<string, string>> = {
    id,
    package: id.replaceAll(".", "-"),
    version: ownVersion(),
    condition: isLinked ? SOURCE_CONDITION : "default"
  }
  return (text: string): string => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? "")
}

/** All packages of FluxCybers have one version. */
const ownVersion = (): string => {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")
  )
  return manifest.version
}
