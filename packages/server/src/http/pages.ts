// The two pages for a person with a browser: what this is, and what to do with the owner link. No script, no request to anywhere.
import { createHash } from "node:crypto"
import { html, raw } from "hono/html"

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
body { max-width: 42rem; margin: 0 auto; padding: 2rem 1rem }
h1 { font-size: 1.5rem; line-height: 1.25 }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid; border-radius: .375rem }
code { font-family: ui-monospace, monospace }
a { color: LinkText }
`

/** The pages' only style, named by its hash; everything else is refused, framing too. */
export const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  styleSrc: [`'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"]
}

const page = (title: string, body: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`

export const homePage = (url: string) =>
  page(
    "FluxCybers",
    html`<p>Agents and people propose commands, humans approve exactly what will run, it runs at most once, and the evidence can be
proven.</p>
<p>This server is used from the command line. Sign in with a token:</p>
<pre><code>npx fluxcybers login --url ${url}</code></pre>
<p>The first person of a new server uses the owner link that it printed when it started.</p>
<p>Programs use the HTTP API: <a href="/api/v1/openapi.json">its description</a>.</p>`
  )

export const claimPage = (url: string) =>
  page(
    "Owner link",
    html`<p>You opened the one-time owner link of a FluxCybers server. Opening it in a browser uses nothing up. To become the owner, copy
the whole address of this page and run:</p>
<pre><code>npx fluxcybers login --link '${url}/claim#…'</code></pre>
<p>The link works once, for 24 hours. Until somebody has used it, each start of the server prints a new one.</p>`
  )
