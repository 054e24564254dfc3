// What a notification says, as data and as the text of each channel. Pure. Nothing of a command unless the organisation wants it.
import type { OccurrenceKind } from "@fluxcybers/executor"

const TARGETS_SHOWN_MAX = 10

/** Everything that a notification may say. All texts are printable ASCII, but for `who`. */
export interface Told {
  readonly kind: OccurrenceKind | "test"
  /** The id of an execution or a bounded grant. */
  readonly object: string
  /** The name of whoever asked. */
  readonly who: string
  readonly targets: ReadonlyArray<string>
  readonly classes: ReadonlyArray<string>
  readonly state: string
  readonly expiresAt: string
  /** Absent unless the organisation lets commands leave. */
  readonly commands?: ReadonlyArray<string>
}

/** What a test of a subscription says. */
export const testOf = (object: string): Told => ({
  ...{ kind: "test", object, who: "", state: "", expiresAt: "" },
  targets: [],
  classes: []
})

/** One line that says what it is about. */
export const title = ({ kind, state, classes, targets }: Told): string => {
  const what = [classes.join(" and "), targets.length === 0 ? "" : `on ${targetNames(targets)}`]
    .filter(Boolean)
    .join(" ")
  const about = what === "" ? "" : `: ${what}`
  switch (kind) {
    case "decision.wanted":
      return `A decision is wanted${about}`
    case "decision.made":
      return `${state === "rejected" ? "Rejected" : "Approved"}${about}`
    case "execution.ended":
      return `Ended, ${state.replace("_", " ")}${about}`
    case "execution.unknown":
      return `Nobody knows how it ended${about}`
    case "glass.broken":
      return `Somebody broke the glass${about}`
    case "review.due":
      return `A review is due${about}`
    case "grant.expiring":
      return `A bounded grant ends soon${about}`
    case "test":
      return "A test of notifications"
  }
}

const targetNames = (targets: ReadonlyArray<string>): string => {
  const shown = targets.slice(0, TARGETS_SHOWN_MAX).join(", ")
  const more = targets.length - TARGETS_SHOWN_MAX
  return more > 0 ? `${shown} and ${more} more` : shown
}

/** What to do about it, as a command line. */
const nextStep = ({ kind, object }: Told): string | undefined => {
  if (kind === "test") return undefined
  if (kind === "review.due") return "fluxcybers policy reviews"
  return object.startsWith("bound_") ? `fluxcybers grant show ${object}` : `fluxcybers executions show ${object}`
}

const rows = (told: Told): ReadonlyArray<readonly [label: string, value: string]> => {
  const next = nextStep(told)
  const all: ReadonlyArray<readonly [string, string]> =
    told.kind === "test"
      ? []
      : [
          ["Asked by", oneLine(told.who)],
          ["Class", told.classes.join(", ")],
          ["Targets", targetNames(told.targets)],
          ["State", told.state],
          ["Until", told.expiresAt],
          ["Id", told.object]
        ]
  return [...all.filter(([, value]) => value !== ""), ...(next === undefined ? [] : [["Look at it", next] as const])]
}

/** Names that people typed: no line break, nothing that hides or turns the text around. */
const oneLine = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, "?")

/** The body of a webhook. */
export const webhookBody = (told: Told, timestamp: string): string => {
  const { kind, object, who, classes, targets, state, expiresAt, commands } = told
  const data = { id: object, title: title(told), requestedBy: oneLine(who), classes, targets, state, expiresAt }
  return JSON.stringify({ type: kind, timestamp, data: { ...data, ...(commands === undefined ? {} : { commands }) } })
}

/** The body of a message to an incoming webhook of Slack or of what speaks like it. */
export const slackBody = (told: Told): string => {
  const heading = slackText(title(told))
  const fields = rows(told).map(([label, value]) => `*${label}:* ${slackText(value)}`)
  const commands = (told.commands ?? []).map((command) => `\`\`\`\n${slackText(command.replaceAll("`", "'"))}\n\`\`\``)
  const sections = [`*${heading}*`, fields.join("\n"), ...commands].filter((text) => text !== "")
  return JSON.stringify({
    // What notifications of the system and readers of the screen say.
    text: heading,
    blocks: sections.map((text) => ({
      type: "section",
      text: { type: "mrkdwn", text: text.slice(0, SLACK_TEXT_MAX), verbatim: true }
    }))
  })
}

/** Slack takes 3,000 characters a section. */
const SLACK_TEXT_MAX = 3_000

/**
 * Slack's own escapes, so that nothing becomes a link, a mention or a channel. A character that would begin formatting is kept from it by an
 * invisible word joiner.
 */
const slackText = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[*_~`]/g, (mark) => `${WORD_JOINER}${mark}${WORD_JOINER}`)

const WORD_JOINER = "\u2060"

/** A mail as text and as HTML. */
export const mailBody = (told: Told): { readonly subject: string; readonly text: string; readonly html: string } => {
  const heading = title(told)
  const commands = told.commands ?? []
  const lines = rows(told).map(([label, value]) => `${label}: ${value}`)
  const text = [heading, "", ...lines, ...commands.flatMap((command) => ["", command])].join("\n")
  const cells = rows(told).map(
    ([label, value]) => `<tr><th align="left">${html(label)}</th><td>${html(value)}</td></tr>`
  )
  const blocks = commands.map((command) => `<pre>${html(command)}</pre>`)
  const table = cells.length === 0 ? "" : `<table>${cells.join("")}</table>`
  return {
    subject: `FluxCybers: ${heading}`,
    text: `${text}\n`,
    html: `<!doctype html><html lang="en"><body><p><strong>${html(heading)}</strong></p>${table}${blocks.join("")}</body></html>`
  }
}

const html = (text: string): string => text.replace(/[&<>"']/g, (character) => HTML[character] ?? character)

const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
