// The shortest way from some lines to others: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).

/** One step; `count` lines stayed the same, or one line went or came. */
export type LineStep =
  | { readonly _tag: "Same"; readonly count: number }
  | { readonly _tag: "Removed" | "Added"; readonly line: string }

/** With more changes than this everything is said to be new: nobody reads such a difference, and it would cost its square. */
const CHANGES_MAX = 1_000

/** The steps from `before` to `after`; only `Same` when they are equal. Pure. */
export const lineDifference = (
  before: ReadonlyArray<string>,
  after: ReadonlyArray<string>
): ReadonlyArray<LineStep> => {
  const { head, tail } = common(before, after)
  const middle = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)] as const
  return [...same(head), ...merged(steps(...middle)), ...same(tail)]
}

const common = (before: ReadonlyArray<string>, after: ReadonlyArray<string>) => {
  const max = Math.min(before.length, after.length)
  let head = 0
  while (head < max && before[head] === after[head]) head++
  let tail = 0
  while (tail < max - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  return { head, tail }
}

const same = (count: number): ReadonlyArray<LineStep> => (count === 0 ? [] : [{ _tag: "Same", count }])
const removed = (line: string): LineStep => ({ _tag: "Removed", line })
const added = (line: string): LineStep => ({ _tag: "Added", line })

const steps = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ReadonlyArray<LineStep> => {
  const trace = search(before, after)
  return trace === undefined ? [...before.map(removed), ...after.map(added)] : walkBack(before, after, trace)
}

/** How far each diagonal got, before each number of changes; `undefined` when there are too many. */
type Trace = ReadonlyArray<ReadonlyMap<number, number>>

const search = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): Trace | undefined => {
  const reach = new Map([[1, 0]])
  const trace: Array<ReadonlyMap<number, number>> = []
  for (let changes = 0; changes <= CHANGES_MAX; changes++) {
    trace.push(new Map(reach))
    for (let k = -changes; k <= changes; k += 2) {
      let x = start(reach, k, changes)
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++
      reach.set(k, x)
      if (x >= before.length && x - k >= after.length) return trace
    }
  }
  return undefined
}

const isDown = (reach: ReadonlyMap<number, number>, k: number, changes: number): boolean =>
  k === -changes || (k !== changes && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1))

const start = (reach: ReadonlyMap<number, number>, k: number, changes: number): number =>
  isDown(reach, k, changes) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1

const walkBack = (before: ReadonlyArray<string>, after: ReadonlyArray<string>, trace: Trace) => {
  const found: Array<LineStep> = []
  let x = before.length
  let y = after.length
  for (let changes = trace.length - 1; changes >= 0; changes--) {
    const k = x - y
    const isAdded = isDown(trace[changes]!, k, changes)
    const previousK = isAdded ? k + 1 : k - 1
    const previousX = changes === 0 ? 0 : (trace[changes]!.get(previousK) ?? 0)
    const previousY = changes === 0 ? 0 : previousX - previousK
    const kept = Math.min(x - previousX, y - previousY)
    if (kept > 0) found.push({ _tag: "Same", count: kept })
    if (changes > 0) found.push(isAdded ? added(after[previousY]!) : removed(before[previousX]!))
    x = previousX
    y = previousY
  }
  return found.reverse()
}

const merged = (found: ReadonlyArray<LineStep>): ReadonlyArray<LineStep> => {
  const result: Array<LineStep> = []
  for (const step of found) {
    const last = result.at(-1)
    if (step._tag === "Same" && last?._tag === "Same")
      result.splice(-1, 1, { _tag: "Same", count: last.count + step.count })
    else result.push(step)
  }
  return result
}
