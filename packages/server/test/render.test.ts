// What notifications say, and that nothing in it becomes markup, a link, a mention or a header.
import { describe, expect, it } from "vitest"
import { mailBody, slackBody, type Told, title, webhookBody } from "../src/notify/render.ts"

const told: Told = {
  kind: "decision.wanted",
  object: "exec_1",
  who: "Ada",
  targets: ["web-1", "web-2"],
  classes: ["destroy"],
  state: "pending",
  expiresAt: "2027-01-31T08:00:00.000Z"
}

const EVIL = `<!channel> <https://evil.example|safe> <@U1> *b* _i_ ~s~ \`c\` &amp; "'><script>alert(1)</script>`
const evil: Told = {
  ...told,
  who: `${EVIL}\r\nBcc: eve@example.com\u202e`,
  targets: [EVIL],
  commands: [`${EVIL}\n\`\`\`\n<!here>`]
}

/** What Slack would read as control sequences. */
const SLACK_CONTROL = /<[^>]*>/

describe("a notification", () => {
  it("says in one line what it is about", () => {
    const of = (changes: Partial<Told>) => title({ ...told, ...changes })
    expect(of({})).toBe("A decision is wanted: destroy on web-1, web-2")
    expect(of({ kind: "decision.made", state: "rejected" })).toMatch(/^Rejected/)
    expect(of({ kind: "decision.made", state: "granted", targets: [] })).toBe("Approved: destroy")
    expect(of({ kind: "execution.ended", state: "timed_out" })).toMatch(/^Ended, timed out/)
    const many = Array.from({ length: 1_000 }, (_, at) => `t${at}`)
    expect(of({ targets: many })).toMatch(/t9 and 990 more$/)
  })

  it("for Slack has blocks and a text, and nothing in it is a link, a mention or formatting", () => {
    const message = JSON.parse(slackBody(evil)) as { text: string; blocks: Array<{ text: { text: string } }> }
    const texts = [message.text, ...message.blocks.map(({ text }) => text.text)]
    for (const text of texts) {
      expect(text).not.toMatch(SLACK_CONTROL)
      expect(text.length).toBeLessThanOrEqual(3_000)
    }
    expect(texts[1]).toContain("&lt;!channel&gt;")
    expect(texts[2]).not.toContain("*b*")
    // Two fences, its own: none in between.
    expect(texts.at(-1)?.match(/```/g)).toHaveLength(2)
  })

  it("as a mail has text and escaped HTML, on one subject line", () => {
    const { subject, html, text } = mailBody(evil)
    expect(subject).not.toMatch(/[\r\n]/)
    expect(html).not.toContain("<script>")
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;")
    expect(text).not.toMatch(/^Bcc:/m)
    expect(text).not.toContain("\u202e")
  })

  it("as a webhook has its type, its time and its data, and commands only where they are given", () => {
    const at = "2027-01-31T07:00:00.000Z"
    expect(JSON.parse(webhookBody(told, at))).toEqual({
      type: "decision.wanted",
      timestamp: at,
      data: {
        ...{ id: "exec_1", title: title(told), requestedBy: "Ada", classes: ["destroy"], targets: ["web-1", "web-2"] },
        ...{ state: "pending", expiresAt: "2027-01-31T08:00:00.000Z" }
      }
    })
    expect(JSON.parse(webhookBody(evil, at))).toMatchObject({ data: { commands: evil.commands } })
  })
})
