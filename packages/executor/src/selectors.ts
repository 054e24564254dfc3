// Which targets are meant: by name, by id, or by tags. Resolved when something is proposed; what the plan then names does not change.
import type { Target } from "./targets.ts"

const TAG_PREFIX = "tag:"

/** Is it `tag:web`, or `tag:web+eu` for targets with both tags? Anything else is a name or an id: neither has a colon. */
export const isTagSelector = (selector: string): boolean => selector.startsWith(TAG_PREFIX)

/** The tags that a target must have, all of them. */
export const tagsOf = (selector: string): ReadonlyArray<string> => selector.slice(TAG_PREFIX.length).split("+")

/** Does a target with these tags still belong to the selector? */
const isSelectedBy = (selector: string, tags: ReadonlyArray<string>): boolean =>
  tagsOf(selector).every((tag) => tags.includes(tag))

/** A target with the selector that found it, where that was one of tags. */
export interface SelectedTarget extends Target {
  readonly selectedBy?: string
}

/** What was selected, or the first selector that is wrong. */
export type Selection =
  | { readonly _tag: "Selected"; readonly targets: ReadonlyArray<SelectedTarget> }
  | { readonly _tag: "Unmatched"; readonly selector: string }
  | { readonly _tag: "Twice"; readonly name: string }

/**
 * The targets in the order of the selectors, those of one selector in the order given; each target once. One that is named and also has
 * the tag counts as named. Naming one twice, and a selector that finds nothing, are mistakes.
 */
export const selectTargets = (all: ReadonlyArray<Target>, selectors: ReadonlyArray<string>): Selection => {
  const byName = new Map(all.flatMap((target) => [[target.name, target] as const, [target.id, target] as const]))
  const named = new Set<string>()
  const found = new Map<string, SelectedTarget>()
  for (const selector of selectors) {
    if (isTagSelector(selector)) {
      const tagged = all.filter(({ tags }) => isSelectedBy(selector, tags))
      if (tagged.length === 0) return { _tag: "Unmatched", selector }
      for (const target of tagged) if (!found.has(target.id)) found.set(target.id, { ...target, selectedBy: selector })
    } else {
      const target = byName.get(selector)
      if (target === undefined) return { _tag: "Unmatched", selector }
      if (named.has(target.id)) return { _tag: "Twice", name: target.name }
      named.add(target.id)
      found.set(target.id, target)
    }
  }
  return { _tag: "Selected", targets: [...found.values()] }
}
