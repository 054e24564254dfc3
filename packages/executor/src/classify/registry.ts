// All models by the names of their programs.
import type { Model } from "./model.ts"
import { models } from "./models/all.ts"

const byName = new Map<string, Model>()
for (const model of models) {
  for (const name of model.names.split(" ")) {
    if (byName.has(name)) throw new Error(`Two models claim the program ${name}.`)
    byName.set(name, model)
  }
}

export const findModel = (name: string): Model | undefined => byName.get(name)

/** Every program that is known, sorted. */
export const knownPrograms = (): ReadonlyArray<string> => [...byName.keys()].sort()
