// A file of rules: what is read, and what is said about what is wrong in it.
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { ruleSetDigest, SOLO, TEAM } from "../src/index.ts"
import { readRules, rulesYaml } from "../src/rules/index.ts"

const problems = (text: string) => {
  const read = readRules(text)
  const found = Result.isFailure(read) ? read.failure : read.success.failed
  return found.map(({ line, column, field, message }) =>
    [`rules.yaml:${line}:${column}`, ...(field === undefined ? [] : [field]), message].join(": ")
  )
}

const GOOD = `name: acme
breakGlass: { roles: [owner], reviewWithinHours: 8 }
rules:
  - name: production
    why: Two people, one of them an admin, look at what changes production.
    when:
      someTarget: { tags: [production] }
      access: [write, destroy, privilege, exfiltrate, unknown]
    require:
      people:
        - { count: 1, roles: [admin] }
        - { count: 1, roles: [approver, operator] }
      signature: passkey
      ticket: ["OPS-#"]
    examples:
      match:
        - { command: systemctl restart nginx, targets: [{ tags: [production] }] }
      noMatch:
        - { command: systemctl status nginx, targets: [{ tags: [production] }] }
  - name: rest
    require: nobody
examples:
  - given: { command: uptime }
    rule: rest
    require: nobody
`

describe("a file of rules", () => {
  it("is read, with its examples", () => {
    const read = Result.getOrThrow(readRules(GOOD))
    expect(read.document).toMatchObject({ name: "acme", rules: [{ name: "production" }, { name: "rest" }] })
    expect(read).toMatchObject({ examples: 3, failed: [] })
  })

  it("is the same rules as JSON, and as what is written from it", () => {
    const { document } = Result.getOrThrow(readRules(GOOD))
    for (const text of [JSON.stringify(document), rulesYaml(document)]) {
      expect(ruleSetDigest(Result.getOrThrow(readRules(text)).document)).toBe(ruleSetDigest(document))
    }
  })

  it.each([SOLO, TEAM])("can be written from $name", ({ version: _, ...document }) => {
    expect(Result.getOrThrow(readRules(rulesYaml(document)))).toMatchObject({ document, failed: [] })
  })

  const wrong: ReadonlyArray<readonly [what: string, change: (good: string) => string, said: string | RegExp]> = [
    [
      "a word that is no class",
      (good) => good.replace("[write,", "[wirte,"),
      'rules.yaml:8:16: rules[0].when.access[0]: must be "read" or "write" or "destroy" or "privilege" or "exfiltrate" or "unknown", not "wirte"'
    ],
    [
      "a field that is not there",
      (good) => good.replace("someTarget:", "sometarget:"),
      /^rules.yaml:7:7: rules\[0\].when.sometarget: is not a field; allowed here: `access`, `executor`/
    ],
    [
      "a role that is not there",
      (good) => good.replace("[admin]", "[boss]"),
      /^rules.yaml:11:31: rules\[0\].require.people\[0\].roles\[0\]: must be "owner" or .*, not "boss"/
    ],
    [
      "nobody in a group",
      (good) => good.replace("count: 1,", "count: 0,"),
      "rules.yaml:11:13: rules[0].require.people[0].count: must be a whole number from 1 to 20, not 0"
    ],
    [
      "a demand that is none",
      (good) => good.replace("require: nobody\nexamples", "require: everybody\nexamples"),
      /^rules.yaml:21:5: rules\[1\].require: must be "nobody" or an object with `people`.*not "everybody"/
    ],
    [
      "a demand of both kinds",
      (good) => good.replace("signature: passkey", "refuse: no"),
      /^rules.yaml:13:7: rules\[0\].require.refuse: is not a field/
    ],
    [
      "a rule without a demand",
      (good) => good.replace("    require: nobody\nexamples", "examples"),
      "rules.yaml:20:5: rules[1].require: is missing"
    ],
    [
      "a time zone that is none",
      (good) => good.replace("access: [", "time: { zone: Mars }\n      access: ["),
      'rules.yaml:8:15: rules[0].when.time.zone: must be a time zone like "Europe/Berlin" or "UTC", not "Mars"'
    ],
    [
      "a name twice",
      (good) => good.replace("name: rest", "name: production"),
      /^rules.yaml:3:1: rules: must be at most 200 rules with a name of their own each/
    ],
    ["a key twice", (good) => `${good}name: again\n`, /^rules.yaml:26:1: Map keys must be unique/],
    ["no YAML", () => "name: [", /^rules.yaml:1:8: /],
    ["an alias", () => "name: &a x\nrules: [*a]", "rules.yaml:1:1: aliases (*name) are not allowed"],
    ["nothing", () => "", /^rules.yaml:1:1: the document: must be an object with `name`/],
    [
      "an example that does not match",
      (good) => good.replace("restart nginx", "status nginx"),
      'rules.yaml:17:11: rules[0].examples.match[0]: the rule "production" does not match: the access is read, not write or destroy or privilege or exfiltrate or unknown'
    ],
    [
      "an example that should not match",
      (good) => good.replace("command: systemctl status", "command: systemctl stop"),
      'rules.yaml:19:11: rules[0].examples.noMatch[0]: the rule "production" matches, and it should not'
    ],
    [
      "an example of another rule",
      (good) => good.replace("rule: rest", "rule: production"),
      /^rules.yaml:23:5: examples\[0\]: the rule "production" does not match/
    ],
    [
      "an example of another demand",
      (good) =>
        good
          .replace("    require: nobody\n`", "")
          .replace("rule: rest\n    require: nobody", "rule: rest\n    require: { refuse: no }"),
      /^rules.yaml:23:5: examples\[0\]: the rule "rest" requires/
    ],
    [
      "both a command and an access",
      (good) => good.replace("{ command: uptime }", "{ command: uptime, access: read }"),
      /^rules.yaml:23:5: examples\[0\].given: must be either `command` or `access`/
    ]
  ]

  it.each(wrong)("names what is wrong and where: %s", (_, change, said) => {
    const found = problems(change(GOOD))
    expect(found).toEqual(expect.arrayContaining([typeof said === "string" ? said : expect.stringMatching(said)]))
    expect(found.length).toBeLessThanOrEqual(2)
  })

  it("never takes long over a pattern", () => {
    const text = GOOD.replace('"OPS-#"', '"*#*#*#*#*"')
    expect(problems(text)[0]).toContain("with at most 3 wildcards")
  })
})
