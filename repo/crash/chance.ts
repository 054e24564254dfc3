// Chance that can be had again by its seed, and time.

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** mulberry32: a run can be repeated by its seed. */
export const generator = (seed: number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
