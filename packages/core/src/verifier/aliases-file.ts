// What aliases stand for, in a file beside the log: for whoever may know who did what.
import { open } from "node:fs/promises"
import { type AliasOpening, isOpening } from "./alias.ts"
import { NotVerifiable } from "./signed-note.ts"
import type { BundleProblem } from "./walk.ts"

/** What aliases stand for, by organisation, and what is wrong with the file. */
export interface Aliases {
  of(organisation: unknown): ReadonlyMap<string, string> | undefined
  readonly problems: ReadonlyArray<BundleProblem>
}

/** One opening a line, as JSON. A line that does not fit its alias is a problem by its number (from 0), and opens nothing. */
export const readAliases = async (path: string): Promise<Aliases> => {
  const opened = new Map<unknown, Map<string, string>>()
  const problems: Array<BundleProblem> = []
  const file = await open(path).catch(() => {
    throw new NotVerifiable(`The aliases ${path} could not be read. Nothing was verified.`)
  })
  let index = 0
  for await (const line of file.readLines()) {
    const opening = openingIn(line)
    if (opening === undefined) {
      problems.push({ kind: "bad-alias", index, detail: "this line of the aliases is not the opening of one" })
    } else {
      const ofOrganisation = opened.get(opening.org) ?? new Map<string, string>()
      opened.set(opening.org, ofOrganisation.set(opening.alias, opening.text))
    }
    index++
  }
  return { of: (organisation) => opened.get(organisation), problems }
}

const openingIn = (line: string): AliasOpening | undefined => {
  try {
    const { alias, org, salt, text } = JSON.parse(line) as Record<string, unknown>
    const opening = { alias: String(alias), org: String(org), salt: String(salt), text: String(text) }
    return isOpening(opening) ? opening : undefined
  } catch {
    return undefined
  }
}
