// Ratios of CPU time: rounds of both sides take turns, so that what else the machine does meets both, and the median counts.
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

const ROUNDS = 21

/** How a side is brought to where it is measured. */
interface Conditions {
  readonly roundCpuUs: number
  /** The first hundred thousand calls also pay for the compiler and for memory that the system hands over for the first time. */
  readonly warmUpCpuUs: number
  readonly beforeRound: () => void
}

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

/** Long rounds: each pays for its own garbage, as a server does that has run for a while. For work of a few microseconds. */
const STEADY: Conditions = { roundCpuUs: 100_000, warmUpCpuUs: 500_000, beforeRound: () => undefined }
/**
 * Each round begins with a clean heap: with large buffers, whoever comes second would pay for what the other left. Not for small work,
 * which the collection slows down more than anything else does: it throws away what the compiler has learnt.
 */
const CLEAN: Conditions = { roundCpuUs: 25_000, warmUpCpuUs: 100_000, beforeRound: collectGarbage }

/** How many times as fast `ours` is as `raw`: above 1 it is faster. */
export const ratio = (ours: () => unknown, raw: () => unknown): number => ratioUnder(STEADY, ours, raw)

/** The same for work on buffers of 64 KiB and more. */
export const ratioOfLarge = (ours: () => unknown, raw: () => unknown): number => ratioUnder(CLEAN, ours, raw)

const ratioUnder = (conditions: Conditions, ours: () => unknown, raw: () => unknown): number => {
  const [timesOurs, timesRaw] = [timesThatTake(conditions, ours), timesThatTake(conditions, raw)]
  const round = (work: () => unknown, times: number) => {
    conditions.beforeRound()
    return cpuUs(work, times) / times
  }
  return median(Array.from({ length: ROUNDS }, () => round(raw, timesRaw) / round(ours, timesOurs)))
}

const ROUND_CPU_US = 25_000

/** The same for work of which one side or both are awaited. Fewer calls: the libraries that are awaited are slow. */
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

const timesThatTake = ({ roundCpuUs, warmUpCpuUs }: Conditions, work: () => unknown): number => {
  let times = 1
  while (cpuUs(work, times) < roundCpuUs) times *= 2
  for (let spentUs = 0; spentUs < warmUpCpuUs; ) spentUs += cpuUs(work, times)
  return times
}

/** Also warms up. */
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
