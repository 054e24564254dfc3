// Runbooks as people write them, and that what is filled in stays one argument, one value, one text.
import { it as effectIt } from "@effect/vitest"
import { SecretDenied, SecretReader } from "@fluxcybers/core"
import { Effect, Redacted, Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hostileText } from "../../../repo/testing/hostile-text.ts"
import { type GivenValues, localExecutor, type Parameter, pinPlan } from "../src/index.ts"
import { readRunbook } from "../src/rules/index.ts"
import { decodeRunbook } from "../src/runbook/document.ts"
import { fillIn } from "../src/runbook/places.ts"
import { checkValues } from "../src/runbook/values.ts"

const runbook = (changes: object = {}) => ({
  name: "restart-unit",
  executor: "local",
  parameters: { unit: { type: "text", pattern: "[a-z]+" } },
  input: { argv: ["systemctl", "restart", { $parameter: "unit" }] },
  ...changes
})

const problems = (given: unknown) => {
  const decoded = decodeRunbook(given)
  return Result.isFailure(decoded)
    ? decoded.failure.map(({ path, message }) => `${path.join(".")} ${message}`).join("\n")
    : ""
}

const check = (parameter: Parameter, value?: string | number) => {
  const checked = checkValues({ it: parameter }, value === undefined ? {} : { it: value })
  return Result.isFailure(checked) ? checked.failure.join(" ") : checked.success["it"]
}

describe("a runbook", () => {
  it("is read from YAML; what is wrong is named by line and column", () => {
    const text = [
      "name: restart-unit",
      "executor: ssh",
      "parameters:",
      "  unit: { type: text }",
      "input:",
      "  argv: [systemctl, restart, { $parameter: unit }]"
    ]
    expect(Result.getOrThrow(readRunbook(text.join("\n")))).toMatchObject({ name: "restart-unit", executor: "ssh" })
    const wrong = readRunbook(text.join("\n").replace("$parameter: unit", "$parameter: unti"))
    expect(Result.isFailure(wrong) && wrong.failure).toMatchObject([
      { line: 6, column: 30, message: expect.stringContaining('"unti", which is not declared') }
    ])
  })

  it.each([
    ["a parameter that has no place", { input: { argv: ["true"] } }, "parameters.unit is used nowhere"],
    ["an unknown type", { parameters: { unit: { type: "regex" } } }, "parameters.unit"],
    ["a pattern with look-around", { parameters: { unit: { type: "text", pattern: "(?=a)" } } }, "RE2 syntax"],
    [
      "a huge pattern",
      { parameters: { unit: { type: "text", pattern: "[a-z]{1000}[0-9]{1000}[a-z]{1000}" } } },
      "huge"
    ],
    ["a default that does not fit", { parameters: { unit: { type: "text", pattern: "a", default: "b" } } }, "must fit"],
    ["a place beside other fields", { input: { argv: [{ $parameter: "unit", x: 1 }] } }, "must be alone"],
    [
      "a number that is none",
      { input: { argv: ["a", { $parameter: "unit" }], timeoutMs: { $integer: "unit" } } },
      "no integer"
    ],
    ["a target that is none", { targets: [{ $parameter: "unit" }] }, "which is no target"],
    ["an unknown field", { inputs: {} }, "inputs is not a field"]
  ])("is refused with %s", (_, changes, message) => {
    expect(problems(runbook(changes))).toContain(message)
  })

  it.each([
    [[{ $parameter: "unit" }]],
    [["sh", "-c", { $parameter: "unit" }]],
    [["sh", "-c", { $join: ["systemctl restart ", { $parameter: "unit" }] }]],
    [["sudo", { $parameter: "unit" }]],
    [["sudo", "-u", "root", "bash", "-lc", { $join: ["echo ", { $parameter: "unit" }, "; id"] }]],
    [["find", ".", "-exec", { $parameter: "unit" }, ";"]],
    [["env", "A=1", { $parameter: "unit" }]]
  ])("never lets a parameter be a program, or a text that a shell reads: %j", (argv) => {
    expect(problems(runbook({ input: { argv } }))).toContain("run as a program or read by a shell")
  })

  it("lets a parameter be an argument behind sudo and its like, and takes none in a script", () => {
    expect(problems(runbook({ input: { argv: ["sudo", "systemctl", "restart", { $parameter: "unit" }] } }))).toBe("")
    expect(problems(runbook({ input: { script: { $join: ["ls ", { $parameter: "unit" }] } } }))).toContain('"env"')
    expect(problems(runbook({ input: { script: 'ls "$UNIT"', env: { UNIT: { $parameter: "unit" } } } }))).toBe("")
  })
})

describe("a value", () => {
  it("has the type that its parameter says", () => {
    const text: Parameter = { type: "text", pattern: "[a-z.-]+", lengthMax: 5 }
    expect(check(text, "nginx")).toBe("nginx")
    expect(check(text, "nginxx")).toContain("0 to 5 characters")
    expect(check(text, "a;b")).toContain("must fit the pattern")
    expect(check(text, "-rf")).toContain("must not begin with -")
    expect(check({ ...text, isOption: true }, "-rf")).toBe("-rf")
    expect(check(text)).toContain("is missing")
    expect(check({ type: "text" }, "a\nb")).toContain("control character")
    expect(check({ type: "text", isMultiline: true }, "a\nb")).toBe("a\nb")
    expect(check({ type: "text", isMultiline: true }, "a\0b")).toContain("control character")
    const integer: Parameter = { type: "integer", min: 1, max: 10, default: 3 }
    expect([check(integer), check(integer, 7), check(integer, "10")]).toEqual(["3", "7", "10"])
    for (const wrong of [0, 11, 1.5, Number.NaN, "1e1", "0x3", "", "03"]) {
      expect(check(integer, wrong)).toContain("a whole number from 1 to 10")
    }
    expect(check({ type: "choice", options: ["on", "off"] }, "maybe")).toContain("must be one of on, off")
    expect(check({ type: "secret", options: ["db/main"] }, "db/other")).toContain("must be one of")
    expect(check({ type: "target" }, "")).toContain("name of a target")
  })

  it("that nobody declared is refused, also one that every object has", () => {
    expect(Result.isFailure(checkValues({}, { constructor: "x" } as GivenValues))).toBe(true)
    expect(check({ type: "text", pattern: "(a+)+b" }, "a".repeat(200))).toContain("must fit")
  })
})

/** Runs it here and answers what it wrote. */
const runLocally = (input: unknown) => {
  const pieces: Array<Uint8Array> = []
  return localExecutor.plan(input).pipe(
    Effect.flatMap((draft) =>
      localExecutor.run({
        run: "run_00000000000000000000000000" as never,
        plan: pinPlan(draft, { executor: localExecutor, targets: [], secrets: [], nonce: "0".repeat(32) }),
        target: undefined,
        stdin: draft.stdin,
        output: (_, bytes) => Effect.sync(() => void pieces.push(bytes))
      })
    ),
    Effect.scoped,
    Effect.provideService(SecretReader, {
      reveal: (secret) =>
        Effect.fail(new SecretDenied({ secret, reason: "unknown" })) as Effect.Effect<
          Redacted.Redacted<Uint8Array>,
          SecretDenied
        >
    }),
    Effect.as(pieces),
    Effect.map((all) => Buffer.concat(all).toString())
  )
}

const attack = fc.oneof(
  hostileText.map((any) => any.toWellFormed().replaceAll("\0", "")),
  fc.constantFrom(
    "$(id)",
    "`id`",
    "'; id; '",
    '"; id; "',
    "$IFS$9id",
    "a\nid",
    "|id",
    "&& id",
    "%s%n",
    "\\",
    "*",
    "~",
    "--",
    "-n",
    "<U+0041>"
  )
)

const ALL: Readonly<Record<string, Parameter>> = {
  it: { type: "text", isMultiline: true, isOption: true, lengthMax: 4_096 }
}

describe("whatever is filled in", () => {
  it("is one argument, one variable, one text of standard input, and changes nothing beside it", () => {
    const document = {
      argv: ["printf", "%s", { $parameter: "it" }, { $join: ["--unit=", { $parameter: "it" }, ".service"] }, "end"],
      env: { VALUE: { $parameter: "it" } },
      stdin: { $parameter: "it" }
    }
    fc.assert(
      fc.property(attack, (value) => {
        expect(fillIn(document, { it: value })).toEqual({
          argv: ["printf", "%s", value, `--unit=${value}.service`, "end"],
          env: { VALUE: value },
          stdin: value
        })
      })
    )
  })

  effectIt.live("reaches the program as it is: no shell reads it", () =>
    Effect.gen(function* () {
      const values = fc.sample(attack, 12).filter((value) => Result.isSuccess(checkValues(ALL, { it: value })))
      for (const value of values) {
        const argv = { argv: ["printf", "%s|%s|", { $parameter: "it" }, { $join: ["x", { $parameter: "it" }] }] }
        expect(yield* runLocally(fillIn(argv, { it: value }))).toBe(`${value}|x${value}|`)
        const script = {
          script: 'printf "%s|" "$VALUE"; cat',
          env: { VALUE: { $parameter: "it" } },
          stdin: { $parameter: "it" }
        }
        expect(yield* runLocally(fillIn(script, { it: value }))).toBe(`${value}|${value}`)
      }
    })
  )
})
