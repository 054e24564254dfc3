// The lines that the classifier was built with: one a line, in files beside this one.
import { readFileSync } from "node:fs"
import { join } from "node:path"

/** `hostile`: none of them may be called read. `read-only`: ordinary administration. */
export const corpus = (name: "hostile" | "read-only"): ReadonlyArray<string> =>
  readFileSync(join(import.meta.dirname, "corpus", `${name}.txt`), "utf8")
    .split("\n")
    .filter((line) => line !== "")
