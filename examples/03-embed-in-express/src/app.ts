// Somebody else's application: it has people and a page of its own, and lets the gate decide what runs.
import { createGate, type PromiseGate } from "@fluxcybers/executor/promise"
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from "express"
import { approvalPage, listPage, messagePage } from "./pages.ts"
import { restartWorker } from "./restart-worker.ts"

/** A person as this application knows them; `person` is what the gate calls them. */
export interface Account {
  readonly name: string
  readonly person: string
  readonly mayApprove: boolean
}

/** The application, and what closes it. */
export interface App {
  readonly express: Express
  readonly close: () => Promise<void>
}

const FORM_BYTES_MAX = "8kb"

/** `accountOf` is how this application signs people in: a session, say. */
export const createApp = async (options: {
  readonly sqlite: string
  readonly key: Uint8Array
  readonly accounts: ReadonlyArray<Account>
  readonly accountOf: (request: Request) => Account | undefined
}): Promise<App> => {
  const { sqlite, key, accounts, accountOf } = options
  const gate = await createGate({
    sqlite,
    key,
    executors: [restartWorker],
    members: accounts.map(({ person, mayApprove }) => ({ person, roles: [mayApprove ? "approver" : "operator"] }))
  })
  const app = express()
  app.use(express.urlencoded({ extended: false, limit: FORM_BYTES_MAX }), sameSite)
  app.use((request, response, next) => {
    const account = accountOf(request)
    if (account === undefined) return void response.status(401).send(messagePage("Please sign in."))
    response.locals["account"] = account
    next()
  })
  routes(app, gate)
  app.use(explained)
  return { express: app, close: () => gate.close() }
}

const routes = (app: Express, gate: PromiseGate): void => {
  app.get("/", async (_request, response) => {
    response.send(listPage(await gate.list({ limit: 50 })))
  })
  app.post("/restarts", async (request, response) => {
    const by = { person: account(response).person }
    const input = { worker: field(request, "worker") }
    const { id } = await gate.propose({ by, executor: restartWorker.id, input, reason: field(request, "reason") })
    response.redirect(303, `/approvals/${id}`)
  })
  app.get("/approvals/:id", async (request, response) => {
    const { id } = request.params
    const shown = { view: await gate.view(id), mayDecide: account(response).mayApprove }
    response.send(approvalPage(await gate.get(id), shown))
  })
  app.post("/approvals/:id", async (request, response) => {
    const { id } = await gate.get(request.params.id)
    // The digest comes from the page: a person decides on what they saw.
    const seen = { id, digest: field(request, "digest") }
    const decider = { by: account(response).person, reason: field(request, "reason") }
    await (field(request, "verdict") === "approve" ? gate.approve(seen, decider) : gate.reject(seen, decider))
    response.redirect(303, `/approvals/${id}`)
  })
  app.get("/approvals/:id/output", async (request, response) => {
    response.type("text/plain")
    for await (const { text } of gate.output(request.params.id)) response.write(text)
    response.end()
  })
}

/** A form of another site cannot decide in the name of somebody who is signed in here. */
const sameSite: RequestHandler = (request, response, next) => {
  const site = request.get("sec-fetch-site") ?? "same-origin"
  if (request.method === "GET" || ["same-origin", "none"].includes(site)) return next()
  response.status(403).send(messagePage("This form came from another site. Nothing was changed."))
}

/** What the gate refuses has a message for people; anything else is a bug, and says nothing of itself. */
const explained: ErrorRequestHandler = (error, _request, response, _next) => {
  const isRefusal = error instanceof Error && "_tag" in error
  response.status(isRefusal ? 422 : 500).send(messagePage(isRefusal ? error.message : "Something is broken here."))
}

const account = (response: { readonly locals: Record<string, unknown> }): Account =>
  response.locals["account"] as Account

const field = (request: Request, name: string): string => {
  const value: unknown = request.body?.[name]
  return typeof value === "string" ? value : ""
}
