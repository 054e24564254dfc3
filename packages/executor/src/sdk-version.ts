// The version of the interface between executors and hosts, and whether an executor was made for it.

/** The version that this package implements: its own. */
export const SDK_VERSION = "0.1.0"

const RANGE = /^([\^~]?)(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/

/**
 * Is a version within a range as package.json writes them: `0.1.0`, `~0.1.0`, `^0.1.0`, or several of these joined by `||`? As in
 * [node-semver](https://github.com/npm/node-semver), without versions that have tags. `undefined` when the range is none.
 */
export const isInRange = (version: string, range: string): boolean | undefined => {
  const found = range.split("||").map((part) => RANGE.exec(part.trim()))
  const is = numbers(version)
  if (is === undefined || found.includes(null)) return undefined
  return found.some((match) => {
    const from = numbers(match!.slice(2).join("."))!
    return isFrom(is, from) && KEPT[match![1] as keyof typeof KEPT](from).every((count, index) => is[index] === count)
  })
}

type Numbers = readonly [major: number, minor: number, patch: number]

/** The leading numbers that must stay as they are. With `^` these are all up to the first that is not zero. */
const KEPT = {
  "": (from: Numbers) => from,
  "~": ([major, minor]: Numbers) => [major, minor],
  "^": (from: Numbers) => from.slice(0, from.findIndex((number) => number > 0) + 1 || from.length)
} as const satisfies Record<string, (from: Numbers) => ReadonlyArray<number>>

const numbers = (version: string): Numbers | undefined => {
  const [major, minor, patch] = version.split(".").map(Number)
  return Number.isInteger(major) && Number.isInteger(minor) && Number.isInteger(patch)
    ? [major!, minor!, patch!]
    : undefined
}

const isFrom = (is: Numbers, from: Numbers): boolean => {
  const first = is.findIndex((number, index) => number !== from[index])
  return first < 0 || is[first]! > from[first]!
}
