// The record of processing activities for people: a page, and a table for spreadsheets.
import { BASIS_TITLES, contactText, type ProcessingActivity, type RecordOfProcessing } from "./record-of-processing.ts"

const HEADINGS = [
  "Purpose",
  "Legal basis",
  "People",
  "Categories of data",
  "Recipients",
  "Transfers to third countries",
  "Erased"
] as const

/** As CSV (RFC 4180): an activity a line. Text that a spreadsheet would compute begins with an apostrophe. */
export const recordCsv = ({ activities }: RecordOfProcessing): string =>
  [HEADINGS, ...activities.map((activity) => cells(activity).map((lines) => lines.join("\n")))]
    .map((row) => `${row.map(csvField).join(",")}\r\n`)
    .join("")

const csvField = (text: string): string => {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** As a page of its own, readable without anything else; light and dark, on paper and on a phone. */
export const recordHtml = (record: RecordOfProcessing): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Record of processing activities</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Record of processing activities</h1>
<p>Article 30(1) of the General Data Protection Regulation.</p>
<h2>Controller</h2>
<dl>${controllerHtml(record)}</dl>
<h2>Activities</h2>
${record.activities.map(activityHtml).join("\n")}
<h2>Technical and organisational measures</h2>
<ul>${record.measures.map((measure) => `<li>${escaped(measure)}</li>`).join("")}</ul>
</body>
</html>
`

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
section{border-top:1px solid;padding:.5rem 0;break-inside:avoid}
h3{margin:.5rem 0}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem;margin:0}
dt{opacity:.75}
dd{margin:0;overflow-wrap:anywhere}
@media(max-width:36rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
`

const controllerHtml = ({ controller }: RecordOfProcessing): string =>
  [
    entry("Controller", [contactText(controller)]),
    entry("Joint controllers", (controller.joint ?? []).map(contactText)),
    entry("Representative", controller.representative === undefined ? [] : [contactText(controller.representative)]),
    entry(
      "Data protection officer",
      controller.dataProtectionOfficer === undefined ? [] : [contactText(controller.dataProtectionOfficer)]
    )
  ].join("")

const activityHtml = (activity: ProcessingActivity): string => {
  const [, ...rest] = cells(activity)
  const entries = rest.map((lines, at) => entry(HEADINGS[at + 1]!, lines))
  return `<section><h3>${escaped(activity.purpose)}</h3><dl>${entries.join("")}</dl></section>`
}

/** Nothing where there is nothing to say. */
const entry = (title: string, lines: ReadonlyArray<string>): string =>
  lines.length === 0 ? "" : `<dt>${escaped(title)}</dt><dd>${lines.map(escaped).join("<br>")}</dd>`

/** Under the headings, each as lines. */
const cells = (activity: ProcessingActivity): ReadonlyArray<ReadonlyArray<string>> => [
  [activity.purpose],
  [BASIS_TITLES[activity.basis]],
  activity.subjects,
  activity.categories.map(({ title, special }) => (special ? `${title} (special category, Art. 9)` : title)),
  activity.recipients.map(({ title, role }) => `${title} (${role})`),
  activity.transfers.map(({ recipient, to, safeguard }) => `${recipient}: ${to}, ${safeguard}`),
  activity.erasure.map(({ category, after }) => `${category}: ${after}`)
]

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!)
