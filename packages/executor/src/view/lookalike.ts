// Letters that pass for others: which ASCII character one looks like, and which scripts a word mixes.
// Source: Unicode Technical Standard #39, confusables.txt (the single characters of the alphabets that are set beside Latin).

const PAIRS: ReadonlyArray<readonly [ascii: string, lookalikes: string]> = [
  ["a", "аɑα"],
  ["b", "Ьь"],
  ["c", "сϲᴄ"],
  ["d", "ԁ"],
  ["e", "еҽ℮"],
  ["f", "ſẝ"],
  ["g", "ցɡ"],
  ["h", "һհ"],
  ["i", "іıɩιӏ"],
  ["j", "јϳ"],
  ["k", "ĸ"],
  ["l", "ⅼǀ׀ןⲒ"],
  ["m", "ⅿ"],
  ["n", "ոռ"],
  ["o", "оοօσᴏ"],
  ["p", "рρϱ"],
  ["q", "ԛզ"],
  ["r", "гᴦⲅ"],
  ["s", "ѕꜱ"],
  ["u", "սʋυᴜ"],
  ["v", "ѵνⅴᴠ"],
  ["w", "ԝաᴡѡ"],
  ["x", "хⅹ×"],
  ["y", "уүγ"],
  ["z", "ᴢ"],
  ["A", "АΑᎪ"],
  ["B", "ВΒᏴ"],
  ["C", "СϹⅭᏟ"],
  ["D", "ⅮᎠ"],
  ["E", "ЕΕᎬ"],
  ["F", "Ϝ"],
  ["G", "ԌᏀ"],
  ["H", "НΗᎻ"],
  ["I", "ІΙⅠӀ"],
  ["J", "ЈᎫ"],
  ["K", "КΚᏦ"],
  ["L", "ⅬᏞ"],
  ["M", "МΜⅯᎷ"],
  ["N", "Ν"],
  ["O", "ОΟՕ"],
  ["P", "РΡᏢ"],
  ["Q", "Ԛ"],
  ["S", "ЅՏᏚ"],
  ["T", "ТΤᎢ"],
  ["U", "Սᑌ"],
  ["V", "ⅤѴᏙ"],
  ["W", "ԜᎳ"],
  ["X", "ХΧⅩ"],
  ["Y", "ҮΥ"],
  ["Z", "ΖᏃ"],
  ["-", "‐‑‒–—−﹘˗"],
  ["/", "⁄∕⧸╱"],
  [".", "․۔"],
  [",", "‚"],
  [";", ";"],
  [":", "ː꞉∶"],
  ["'", "‘’‛′ʹʼˈ"],
  ['"', "“”″ʺ"],
  ["`", "ˋ‵"],
  ["|", "∣❘"],
  ["<", "‹˂"],
  [">", "›˃"],
  ["~", "˜∼"],
  ["*", "∗⁎"],
  ["!", "ǃ"],
  ["$", "﹩"],
  ["&", "﹠"],
  ["0", "০"],
  ["3", "ЗƷ"],
  ["6", "б"]
]

const LOOKALIKES = new Map(PAIRS.flatMap(([ascii, others]) => Array.from(others, (other) => [other, ascii] as const)))

/** The ASCII character that this one passes for; compatibility forms (full width, mathematical) are those of their letter. */
export const looksLike = (character: string): string | undefined => {
  const known = LOOKALIKES.get(character)
  if (known !== undefined) return known
  const compatible = character.normalize("NFKD")
  return /^[\x21-\x7e]$/.test(compatible) ? compatible : undefined
}

const SCRIPTS = ["Latin", "Cyrillic", "Greek", "Armenian", "Hebrew", "Arabic", "Cherokee", "Coptic", "Georgian"].map(
  (name) => [name, new RegExp(`\\p{Script=${name}}`, "u")] as const
)

/** The alphabets of the first word that mixes several, as whoever imitates a word does; none for most texts. */
export const mixedScripts = (text: string): ReadonlyArray<string> => {
  for (const [word] of text.matchAll(/[\p{L}\p{M}\p{N}_]+/gu)) {
    const mixed = SCRIPTS.filter(([, pattern]) => pattern.test(word)).map(([name]) => name)
    if (mixed.length > 1) return mixed
  }
  return []
}
