// What each law grants for the answer to a person's request, as data.

/** How long. The day on which it begins does not count. */
export interface LegalTerm {
  readonly count: number
  readonly unit: "days" | "working-days" | "months"
  /** A last day on which nobody works moves to the next working day. */
  readonly rolls?: boolean
}

/** The terms of one law for requests of people about their data. */
export interface RequestRegime {
  /** Where it is written. */
  readonly source: string
  /** By when the receipt is confirmed. */
  readonly acknowledge?: LegalTerm
  readonly answer: LegalTerm
  /** The whole term with its extension, counted from the same beginning. Notice and reason are due within `answer`. */
  readonly extended?: LegalTerm
  /** The term begins with the latest of receipt, proof of identity and fee, and not with the receipt alone. */
  readonly beginsWhenIdentified?: boolean
  /** The days between a question to the person and their answer are not counted. */
  readonly pauses?: boolean
}

/** The terms of every law that is known here, and of the policy. */
export const REQUEST_REGIMES = {
  eu: {
    source: "Regulation (EU) 2016/679, article 12(3); Regulation (EEC, Euratom) 1182/71, article 3",
    answer: { count: 1, unit: "months", rolls: true },
    extended: { count: 3, unit: "months", rolls: true }
  },
  uk: {
    source: "UK GDPR, articles 12(3) and 12A (Data (Use and Access) Act 2025)",
    answer: { count: 1, unit: "months", rolls: true },
    extended: { count: 3, unit: "months", rolls: true },
    beginsWhenIdentified: true,
    pauses: true
  },
  california: {
    source: "California Code of Regulations, title 11, section 7021",
    acknowledge: { count: 10, unit: "working-days" },
    answer: { count: 45, unit: "days" },
    extended: { count: 90, unit: "days" }
  },
  /** To stop selling, sharing, or using sensitive data. */
  californiaOptOut: {
    source: "California Code of Regulations, title 11, section 7026",
    answer: { count: 15, unit: "working-days" }
  },
  /** What our own policy promises everybody, wherever they live. */
  policy: { source: "the privacy policy", answer: { count: 30, unit: "days" } }
} as const satisfies Readonly<Record<string, RequestRegime>>

/** The laws whose clocks are known. */
export type RegimeName = keyof typeof REQUEST_REGIMES
