// Ratios of CPU time: rounds of both sides take turns, so that what else the machine does meets both, and the median counts.

const ROUNDS = 21
const ROUND_CPU_US = 25_000

/** How many times as fast `ours` is as `raw`: above 1 it is faster. */
export const ratio = (ours: () => unknown, raw: () => unknown): number => {
  const times = { ours: timesThatTake(ROUND_CPU_US, ours), raw: timesThatTake(ROUND_CPU_US, raw) }
  return median(
    Array.from({ length: ROUNDS }, () => cpuUs(raw, times.raw) / times.raw / (cpuUs(ours, times.ours) / times.ours))
  )
}

/** The same for work of which one side or both are awaited. Fewer rounds: the libraries that are awaited are slow. */
export const ratioAwaited = async (ours: () => unknown, theirs: () => unknown): Promise<number> => {
  const times = {
    ours: await timesAwaited(ROUND_CPU_US, ours),
    theirs: await timesAwaited(ROUND_CPU_US, theirs)
  }
  const ratios: Array<number> = []
  for (let round = 0; round < ROUNDS; round++) {
    const theirUs = (await cpuUsAwaited(theirs, times.theirs)) / times.theirs
    ratios.push(theirUs / ((await cpuUsAwaited(ours, times.ours)) / times.ours))
  }
  return median(ratios)
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Also warms up. */
const timesThatTake = (us: number, work: () => unknown): number => {
  let times = 1
  while (cpuUs(work, times) < us) times *= 2
  return times
}

const timesAwaited = async (us: number, work: () => unknown): Promise<number> => {
  let times = 1
  while ((await cpuUsAwaited(work, times)) < us) times *= 2
  return times
}

const cpuUs = (work: () => unknown, times: number): number => {
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) work()
  return since(before)
}

const cpuUsAwaited = async (work: () => unknown, times: number): Promise<number> => {
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) await work()
  return since(before)
}

const since = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before)
  return user + system
}
