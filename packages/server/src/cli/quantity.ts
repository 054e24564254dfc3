// Durations and sizes as people write them: `90s`, `10m`, `12h`, `90d`; `512KiB`, `64MiB`, `1GiB`.

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 }

/** `10m` in milliseconds; `undefined` for anything but a whole number above zero with a unit. */
export const parseDurationMs = (text: string): number | undefined => parse(text, MS)

/** `64MiB` in bytes; `undefined` for anything but a whole number above zero with a unit. */
export const parseBytes = (text: string): number | undefined => parse(text, BYTES)

const parse = (text: string, units: Readonly<Record<string, number>>): number | undefined => {
  const match = /^([1-9][0-9]{0,14})([A-Za-z]+)$/.exec(text)
  if (match === null || !Object.hasOwn(units, match[2]!)) return undefined
  const value = Number(match[1]) * units[match[2]!]!
  return Number.isSafeInteger(value) ? value : undefined
}
