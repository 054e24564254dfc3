// Can every group of people be complete at once, if each person counts in one of them only?
import type { Role } from "@fluxcybers/core"
import type { Group } from "./demand.ts"

interface Decider {
  readonly roles: ReadonlyArray<Role>
}

/** Is there a decider of their own for every seat? Deciders are distinct people. A maximum matching (Kuhn's algorithm): at most 20 seats. */
export const isComplete = (groups: ReadonlyArray<Group>, deciders: ReadonlyArray<Decider>): boolean =>
  openSeats(groups, deciders) === 0

/** How many seats stay empty however the deciders are placed. */
export const openSeats = (groups: ReadonlyArray<Group>, deciders: ReadonlyArray<Decider>): number => {
  const seats = groups.flatMap((group) => Array.from({ length: group.count }, () => group))
  const seatOf = new Map<number, number>()
  const place = (decider: number, seen: Set<number>): boolean =>
    seats.some((group, seat) => {
      if (seen.has(seat) || !mayTake(group, deciders[decider]!)) return false
      seen.add(seat)
      const sitting = seatOf.get(seat)
      if (sitting !== undefined && !place(sitting, seen)) return false
      seatOf.set(seat, decider)
      return true
    })
  for (const decider of deciders.keys()) place(decider, new Set())
  return seats.length - seatOf.size
}

const mayTake = ({ roles }: Group, decider: Decider): boolean => decider.roles.some((role) => roles.includes(role))
