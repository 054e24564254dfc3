// A user of the HTTP API who lives through crashes: every call may fail at any moment, and only what was answered counts.
export interface ExecutionView {
  readonly id: string
  readonly state: string
  readonly digest: string
  readonly detail?: string
  readonly plan: { readonly command: { readonly script?: string } }
}

export interface EntryView {
  readonly entry: { readonly action: string; readonly object: string }
}

const CALL_TIMEOUT_MS = 20_000
const PAGE = 200

export class Client {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  static readonly claim = async (url: string, code: string): Promise<Client> => {
    const { token } = await send<{ token: string }>(`${url}/api/v1/claim`, { code, name: "Owner" })
    return new Client(url, token)
  }

  propose(script: string): Promise<ExecutionView> {
    return this.#call("/executions", { executor: "local", input: { script }, targets: [] })
  }

  approve(execution: ExecutionView): Promise<ExecutionView> {
    return this.#call(`/executions/${execution.id}/approve`, { digest: execution.digest })
  }

  show(id: string): Promise<ExecutionView> {
    return this.#call(`/executions/${id}`)
  }

  async executions(): Promise<ReadonlyArray<ExecutionView>> {
    return this.#pages<ExecutionView>(`/executions?limit=${PAGE}`)
  }

  async entries(): Promise<ReadonlyArray<EntryView>> {
    return this.#pages<EntryView>(`/audit/entries?limit=${PAGE}`)
  }

  verify(): Promise<{ readonly size: number; readonly problems: ReadonlyArray<unknown> }> {
    return this.#call("/audit/verify", {})
  }

  async #pages<Item>(path: string): Promise<ReadonlyArray<Item>> {
    const items: Array<Item> = []
    for (let before: string | undefined = ""; before !== undefined; ) {
      const query: string = before === "" ? path : `${path}&before=${before}`
      const page: { items: ReadonlyArray<Item>; next?: string } = await this.#call(query)
      items.push(...page.items)
      before = page.next
    }
    return items
  }

  #call<Answer>(path: string, body?: unknown): Promise<Answer> {
    return send(`${this.#url}/api/v1${path}`, body, this.#token)
  }
}

const send = async <Answer>(url: string, body?: unknown, token?: string): Promise<Answer> => {
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` })
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS)
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${url}: ${text}`)
  return JSON.parse(text) as Answer
}
