// Names with wildcards: `web-*` for targets, `OPS-#` for tickets. No regular expressions: whoever writes rules cannot make them slow.

/** More of them in one pattern could take long to match. */
export const WILDCARDS_MAX = 3

/** Does the whole text fit? `*` stands for any characters of a name, none included; `#` for one digit or more. */
export const fits = (pattern: string, text: string): boolean => compiled(pattern).test(text)

/** How many wildcards a pattern has. */
export const wildcardsIn = (pattern: string): number => pattern.match(/[*#]/g)?.length ?? 0

const compiled = (pattern: string): RegExp => {
  const source = pattern
    .replaceAll(/[\\^$.|?+()[\]{}/]/g, "\\$&")
    .replaceAll("*", "[A-Za-z0-9._-]*")
    .replaceAll("#", "[0-9]+")
  return new RegExp(`^${source}$`, "u")
}
