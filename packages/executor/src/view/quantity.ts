// Durations and sizes as people read them: `10 min`, `64 MiB`.

const MS = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const
const KIB = 1_024

/** 600,000 as `10 min`, in the largest unit that shows it exactly. */
export const formatDurationMs = (ms: number): string =>
  format(ms, [
    ["d", MS.d],
    ["h", MS.h],
    ["min", MS.min],
    ["s", MS.s],
    ["ms", 1]
  ])

/** 67,108,864 as `64 MiB`, in the largest unit that shows it exactly. */
export const formatBytes = (bytes: number): string =>
  format(bytes, [
    ["GiB", KIB ** 3],
    ["MiB", KIB ** 2],
    ["KiB", KIB],
    ["B", 1]
  ])

const format = (value: number, units: ReadonlyArray<readonly [string, number]>): string => {
  const [unit, size] = units.find(([, size]) => value >= size && value % size === 0) ?? units.at(-1)!
  return `${value / size} ${unit}`
}
