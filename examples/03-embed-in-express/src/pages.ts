// The pages of this application: plain HTML, made on the server.
import type { FaithfulView, PromiseGate } from "@fluxcybers/executor/promise"
import { viewText } from "@fluxcybers/executor/view"

type Execution = Awaited<ReturnType<PromiseGate["get"]>>

/** Everything that was asked for, newest first, and a form to ask for more. */
export const listPage = (executions: ReadonlyArray<Execution>): string =>
  page(
    "Restarts",
    `<form method="post" action="/restarts"><input name="worker" placeholder="Worker" required>
<input name="reason" placeholder="Why" required> <button>Ask for a restart</button></form>
<ul>${executions.map(listItem).join("")}</ul>`
  )

const listItem = ({ id, state, plan }: Execution): string =>
  `<li><a href="/approvals/${id}">${escaped(plan.sentence)}</a> ${state}</li>`

/** What would run, as exactly as the gate can say it; and the two buttons, for those who may decide and while there is something to decide. */
export const approvalPage = (
  { id, state, digest, decisions, reason: wish = "" }: Execution,
  { view, mayDecide }: { readonly view: FaithfulView; readonly mayDecide: boolean }
): string =>
  page(
    `Restart: ${state}`,
    `<p>${escaped(wish)}</p>
<pre>${escaped(viewText(view))}</pre>
<ul>${decisions.map(({ verdict, reason = "" }) => `<li>${verdict}: ${escaped(reason)}</li>`).join("")}</ul>
${mayDecide && state === "pending" ? decisionForm(id, digest) : `<a href="/approvals/${id}/output">Output</a>`}`
  )

/** The digest goes along: whoever presses a button decides on what this page showed. */
const decisionForm = (id: string, digest: string): string =>
  `<form method="post" action="/approvals/${id}">
<input type="hidden" name="digest" value="${digest}"><input name="reason" placeholder="Why">
<button name="verdict" value="approve">Approve</button> <button name="verdict" value="reject">Reject</button>
</form>`

/** One sentence. */
export const messagePage = (message: string): string => page("Restarts", `<p>${escaped(message)}</p>`)

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><h1>${escaped(title)}</h1>${body}</html>`

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
