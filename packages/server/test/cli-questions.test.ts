// Questions to a person: asked only where there is one, shown only where they belong.
import { PassThrough } from "node:stream"
import { Effect, Fiber, Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { confirm, Questions, requireTerminal } from "../src/cli/questions.ts"

/** A terminal of streams: what is typed, and what it shows. */
const terminal = (isTTY = true) => {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => input })
  const output = Object.assign(new PassThrough(), { isTTY, columns: 80 })
  let shown = ""
  output.on("data", (chunk) => {
    shown += String(chunk)
  })
  return { questions: Questions.on({ input, output }), type: (keys: string) => input.write(keys), shown: () => shown }
}

const asked = async <A, E>(effect: Effect.Effect<A, E, Questions>, keys: string, at = terminal()) => {
  const fiber = Effect.runFork(Effect.provideService(Effect.exit(effect), Questions, at.questions))
  await new Promise((resolve) => setTimeout(resolve, 20))
  at.type(keys)
  const exit = await Effect.runPromise(Fiber.join(fiber))
  return { exit, shown: at.shown() }
}

describe("a confirmation", () => {
  it.each(["y\r", "Y\r", "yes\r", " YES \r"])("%j is yes", async (keys) => {
    const { exit } = await asked(confirm("Run it?"), keys)
    expect(exit).toMatchObject({ _tag: "Success", value: true })
  })

  it.each(["\r", "n\r", "no\r", "yep\r", "ye\r", "1\r", "true\r"])("%j is no", async (keys) => {
    const { exit, shown } = await asked(confirm("Run it?"), keys)
    expect(exit).toMatchObject({ _tag: "Success", value: false })
    expect(shown).toContain("Run it? [y/N] ")
  })

  it.each([
    ["Ctrl-C", "\x03"],
    ["Ctrl-D", "\x04"]
  ])("%s leaves the question: that is no answer", async (_, keys) => {
    const { exit } = await asked(confirm("Run it?"), keys)
    expect(String(exit)).toContain("QuestionLeft")
  })
})

describe("a hidden question", () => {
  const hidden = Effect.flatMap(Questions, ({ askHidden }) => askHidden("Value (not shown): "))

  it("gives what was typed and shows none of it", async () => {
    const { exit, shown } = await asked(hidden, "hunter2-canary\r")
    expect(exit._tag === "Success" && Redacted.value(exit.value)).toBe("hunter2-canary")
    expect(shown).toContain("Value (not shown): ")
    expect(shown).not.toMatch(/[hunter2]{3}|canary/)
  })

  it("can be corrected while it is typed", async () => {
    const { exit } = await asked(hidden, "wrong\x15right\r")
    expect(exit._tag === "Success" && Redacted.value(exit.value)).toBe("right")
  })
})

describe("without a terminal", () => {
  it("nothing is asked, and the failure says what to do instead", async () => {
    const at = terminal(false)
    const { exit, shown } = await asked(requireTerminal("An approval", "In a script: --yes"), "", at)
    expect(shown).toBe("")
    expect(String(exit)).toContain("In a script: --yes")
    expect(String(exit)).toContain("Nothing was changed")
  })
})
