// The letters to a person about their request, in four languages: what the law wants in each is a field that cannot be left out.
import type { Day } from "../clocks/calendar.ts"
import type { Contact } from "../inventory/inventory.ts"
import { english } from "./english.ts"
import { french } from "./french.ts"
import { german } from "./german.ts"
import { spanish } from "./spanish.ts"

/** Languages of letters: ISO 639-1. */
export type LetterLanguage = "en" | "de" | "fr" | "es"

/** What a person can ask for. */
export type RequestKind =
  | "access"
  | "correction"
  | "erasure"
  | "portability"
  | "objection"
  | "restriction"
  | "opt-out-of-sale"
  | "limit-sensitive-use"

/** What stands in every letter. */
export interface LetterFacts {
  readonly kind: RequestKind
  /** The request's number, as the person knows it. */
  readonly reference: string
  readonly receivedOn: Day
  /** Who answers, and where questions go. */
  readonly controller: Contact
}

/** What is kept in spite of an erasure. */
export interface Kept {
  readonly what: string
  /** The law or claim that demands it. */
  readonly ground: string
  /** Absent while the end is not known. */
  readonly until?: Day
}

/** Why somebody writes. */
export type LetterOccasion =
  /** It arrived (11 CCR § 7021(a): how it is handled, and by when). */
  | { readonly _tag: "Acknowledgement"; readonly answerBy: Day; readonly statusUrl?: string }
  /** Who asks must be known first (GDPR article 12(6)). `how` is a sentence in the person's language. */
  | { readonly _tag: "Identity"; readonly how: string; readonly until: Day }
  /** The answer takes longer (GDPR article 12(3)); `reasons` are sentences in the person's language. */
  | { readonly _tag: "Extension"; readonly answerBy: Day; readonly reasons: string }
  /** It is refused: reasons, complaint and court (GDPR article 12(4)). */
  | {
      readonly _tag: "Refusal"
      readonly reasons: string
      readonly authority: { readonly name: string; readonly url: string }
    }
  /** The data are ready to be fetched (access, portability). */
  | { readonly _tag: "DataReady"; readonly url: string; readonly until: Day }
  /** It was done: which recipients were told of it (GDPR article 19), and what could not be erased, and why. */
  | {
      readonly _tag: "Done"
      readonly on: Day
      readonly told?: ReadonlyArray<string>
      readonly kept?: ReadonlyArray<Kept>
    }

/** A letter: plain text in paragraphs. */
export interface Letter {
  readonly language: LetterLanguage
  /** One line. */
  readonly subject: string
  readonly paragraphs: ReadonlyArray<string>
}

/** The words of one language. */
export interface LetterWords {
  readonly language: LetterLanguage
  /** What was asked for, as it stands in `subject` and `opening`. */
  readonly kinds: Readonly<Record<RequestKind, string>>
  readonly subject: (kind: string, reference: string) => string
  readonly greeting: string
  readonly opening: (kind: string, receivedOn: string) => string
  readonly acknowledgement: (answerBy: string) => ReadonlyArray<string>
  readonly status: (url: string) => string
  readonly identity: (how: string, until: string) => ReadonlyArray<string>
  readonly extension: (answerBy: string, reasons: string) => ReadonlyArray<string>
  readonly refusal: (reasons: string, authority: string) => ReadonlyArray<string>
  readonly dataReady: (url: string, until: string) => string
  /** What comes with the data of an access request: GDPR article 15(1). */
  readonly accessContents: string
  readonly done: Readonly<Record<RequestKind, (on: string) => string>>
  readonly told: (recipients: string) => string
  readonly keptHeading: string
  readonly kept: (kept: {
    readonly what: string
    readonly ground: string
    readonly until: string | undefined
  }) => string
  readonly questions: (contact: string) => string
  readonly closing: string
}

const LANGUAGES: Readonly<Record<LetterLanguage, LetterWords>> = {
  en: english,
  de: german,
  fr: french,
  es: spanish
}

/**
 * Writes a letter. Line breaks within a fact become blanks: a fact is part of a sentence, and `subject` of a mail's header. Throws
 * `RangeError` for a day that does not exist.
 */
export const writeLetter = (language: LetterLanguage, facts: LetterFacts, occasion: LetterOccasion): Letter => {
  const words = LANGUAGES[language]
  const kind = words.kinds[facts.kind]
  const day = dayWriter(language)
  const { name, address, email, phone } = facts.controller
  const contact = [email, phone, address]
    .filter((part) => part !== undefined)
    .map(line)
    .join(", ")
  return {
    language,
    subject: words.subject(kind, line(facts.reference)),
    paragraphs: [
      words.greeting,
      words.opening(kind, day(facts.receivedOn)),
      ...body({ words, facts, day }, occasion),
      ...(contact === "" ? [] : [words.questions(contact)]),
      `${words.closing}\n${line(name)}`
    ]
  }
}

interface Writing {
  readonly words: LetterWords
  readonly facts: LetterFacts
  readonly day: (day: Day) => string
}

const body = ({ words, facts, day }: Writing, occasion: LetterOccasion): ReadonlyArray<string> => {
  switch (occasion._tag) {
    case "Acknowledgement":
      return [
        ...words.acknowledgement(day(occasion.answerBy)),
        ...(occasion.statusUrl === undefined ? [] : [words.status(line(occasion.statusUrl))])
      ]
    case "Identity":
      return words.identity(line(occasion.how), day(occasion.until))
    case "Extension":
      return words.extension(day(occasion.answerBy), line(occasion.reasons))
    case "Refusal":
      return words.refusal(line(occasion.reasons), `${line(occasion.authority.name)} (${line(occasion.authority.url)})`)
    case "DataReady":
      return [
        words.dataReady(line(occasion.url), day(occasion.until)),
        ...(facts.kind === "access" ? [words.accessContents] : [])
      ]
    case "Done":
      return [
        words.done[facts.kind](day(occasion.on)),
        ...(occasion.told === undefined || occasion.told.length === 0
          ? []
          : [words.told(occasion.told.map(line).join(", "))]),
        ...keptLines({ words, facts, day }, occasion.kept ?? [])
      ]
  }
}

const keptLines = ({ words, day }: Writing, kept: ReadonlyArray<Kept>): ReadonlyArray<string> =>
  kept.length === 0
    ? []
    : [
        [
          words.keptHeading,
          ...kept.map(({ what, ground, until }) =>
            words.kept({ what: line(what), ground: line(ground), until: until === undefined ? undefined : day(until) })
          )
        ].join("\n")
      ]

const line = (text: string): string => text.replaceAll(/\s+/gu, " ").trim()

/** `28. Februar 2026`: the day itself, in no time zone. */
const dayWriter = (language: LetterLanguage) => {
  const format = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" })
  return (day: Day): string => {
    const date = new Date(`${day}T00:00:00Z`)
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(day)) {
      throw new RangeError(`"${day}" is no day; write it as 2026-02-28.`)
    }
    return format.format(date)
  }
}

/** The letter as plain text. */
export const letterText = ({ paragraphs }: Letter): string => `${paragraphs.join("\n\n")}\n`
