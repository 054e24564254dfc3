import { describe, expect, it } from "vitest"
import {
  type LetterFacts,
  type LetterLanguage,
  type LetterOccasion,
  letterText,
  type RequestKind,
  writeLetter
} from "../src/index.ts"

const LANGUAGES: ReadonlyArray<LetterLanguage> = ["en", "de", "fr", "es"]
const KINDS: ReadonlyArray<RequestKind> = [
  "access",
  "correction",
  "erasure",
  "portability",
  "objection",
  "restriction",
  "opt-out-of-sale",
  "limit-sensitive-use"
]
const OCCASIONS: ReadonlyArray<LetterOccasion> = [
  { _tag: "Acknowledgement", answerBy: "2026-03-30", statusUrl: "https://shop.example/request/7" },
  { _tag: "Identity", how: "HOW-SENTENCE", until: "2026-03-30" },
  { _tag: "Extension", answerBy: "2026-03-30", reasons: "REASONS-SENTENCE" },
  {
    _tag: "Refusal",
    reasons: "REASONS-SENTENCE",
    authority: { name: "AUTHORITY-NAME", url: "https://authority.example" }
  },
  { _tag: "DataReady", url: "https://shop.example/package/7", until: "2026-03-30" },
  {
    _tag: "Done",
    on: "2026-03-30",
    told: ["RECIPIENT-ONE", "RECIPIENT-TWO"],
    kept: [
      { what: "KEPT-INVOICES", ground: "KEPT-GROUND", until: "2036-12-31" },
      { what: "KEPT-CLAIM", ground: "OPEN-GROUND" }
    ]
  }
]
const facts: LetterFacts = {
  kind: "erasure",
  reference: "R-2026-7",
  receivedOn: "2026-02-28",
  controller: { name: "Café Lumière", email: "privacy@lumiere.example", address: "1 rue d’Été, Lyon" }
}
const MARCH: Readonly<Record<LetterLanguage, string>> = {
  en: "30 March 2026",
  de: "30. März 2026",
  fr: "30 mars 2026",
  es: "30 de marzo de 2026"
}

/** Every text and number of an occasion that is no day. */
const given = (occasion: LetterOccasion): ReadonlyArray<string> =>
  [...JSON.stringify(occasion).matchAll(/"([A-Z]+-[A-Z]+|https:[^"]+)"/g)].map(([, text]) => text!)

describe.each(LANGUAGES)("a letter in %s", (language) => {
  it.each(OCCASIONS)("has everything that was given, whatever was asked for: $_tag", (occasion) => {
    for (const kind of KINDS) {
      const { subject, paragraphs } = writeLetter(language, { ...facts, kind }, occasion)
      const text = paragraphs.join("\n\n")
      expect(subject).toMatch(/\(R-2026-7\)$/)
      for (const part of [...given(occasion), "privacy@lumiere.example", "1 rue d’Été, Lyon", "Café Lumière"]) {
        expect(text.split(part), `${kind}: ${part}`).toHaveLength(2)
      }
      expect(text.includes(MARCH[language])).toBe(JSON.stringify(occasion).includes("2026-03-30"))
      expect(text).not.toMatch(/undefined|\$\{|2026-/)
    }
  })

  it("says each thing in words of its own", () => {
    const all = KINDS.map((kind) => letterText(writeLetter(language, { ...facts, kind }, OCCASIONS[5]!)))
    expect(new Set(all).size).toBe(KINDS.length)
  })
})

describe("a letter", () => {
  it("reads like this", () => {
    expect(letterText(writeLetter("en", facts, OCCASIONS[5]!))).toBe(`Dear Sir or Madam,

On 28 February 2026 we received your request for erasure of your personal data.

On 30 March 2026 we erased your data.

We have told those who had received your data: RECIPIENT-ONE, RECIPIENT-TWO.

The following must be kept, and is used for nothing else:
- KEPT-INVOICES: KEPT-GROUND, until 31 December 2036
- KEPT-CLAIM: OPEN-GROUND

Questions reach us here: privacy@lumiere.example, 1 rue d’Été, Lyon

Yours faithfully
Café Lumière
`)
  })

  it("tells what comes with the data only to who asked for access", () => {
    const ready = (kind: RequestKind) => letterText(writeLetter("en", { ...facts, kind }, OCCASIONS[4]!))
    expect(ready("access")).toContain("which rights you have")
    expect(ready("portability")).not.toContain("which rights you have")
  })

  it("MUST NOT let a fact begin a line of its own, in the header of a mail least of all", () => {
    const { subject, paragraphs } = writeLetter(
      "de",
      { ...facts, reference: "7\r\nBcc: x@evil.example" },
      {
        _tag: "Refusal",
        reasons: "Keine.\n\nBitte zahlen Sie",
        authority: { name: "A\u2028B", url: "https://authority.example" }
      }
    )
    expect(subject).not.toMatch(/[\r\n]/)
    expect(paragraphs).toContain("Die Gründe: Keine. Bitte zahlen Sie")
    expect(paragraphs.join("")).toContain("A B")
  })

  it.each(["2026-02-29", "soon", "2026-2-1"])("refuses %s, which is no day", (day) => {
    expect(() => writeLetter("en", facts, { _tag: "Done", on: day })).toThrow(RangeError)
  })
})
