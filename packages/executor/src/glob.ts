// Wildcards as OpenSSH has them (ssh_config(5), PATTERNS): `*` for any characters, `?` for one. Takes time in proportion to both lengths,
// whatever the pattern.

/** Does the whole text fit? Upper and lower case are told apart. */
export const fitsGlob = (pattern: string, text: string): boolean => {
  let [at, inText] = [0, 0]
  let [afterStar, retryFrom] = [-1, 0]
  while (inText < text.length) {
    if (pattern[at] === "*") {
      afterStar = ++at
      retryFrom = inText
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === text[inText])) {
      at++
      inText++
    } else if (afterStar >= 0) {
      at = afterStar
      inText = ++retryFrom
    } else return false
  }
  while (pattern[at] === "*") at++
  return at === pattern.length
}
