// The class that the plans of `local` and `ssh` carry, and the reason in their sentence.
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type CommandInput, draftCommand } from "../src/command-input.ts"
import { SENTENCE_LENGTH_MAX } from "../src/index.ts"

const accessOf = (input: CommandInput) => draftCommand(input).access

describe("the plan of a command", () => {
  it("has the class of its words, and says why", () => {
    expect(draftCommand({ argv: ["df", "-h"] })).toMatchObject({
      access: "read",
      sentence: expect.stringMatching(/^Runs df -h \(read: /)
    })
    expect(draftCommand({ script: "df -h\nrm -rf /srv/x" })).toMatchObject({
      access: "destroy",
      sentence: expect.stringMatching(/^Runs a script of 2 lines \(destroy: rm /)
    })
    expect(accessOf({ argv: ["echo", "$(reboot)", "> x"] })).toBe("read")
    expect(accessOf({ script: "echo $(reboot)" })).toBe("destroy")
  })

  it("is unknown when environment, standard input or directory decide what happens", () => {
    expect(accessOf({ argv: ["ls"], env: { LANG: "C.UTF-8" }, cwd: "/srv" })).toBe("read")
    expect(accessOf({ argv: ["ls"], env: { LD_PRELOAD: "/tmp/x.so" } })).toBe("unknown")
    expect(accessOf({ argv: ["ls"], secretEnv: { TOKEN: "x" } })).toBe("unknown")
    expect(accessOf({ argv: ["cat"], stdin: "text" })).toBe("unknown")
    expect(accessOf({ argv: ["cat", "db"], cwd: "/run/secrets" })).toBe("unknown")
  })

  it("keeps the worse class of the words beside an environment", () => {
    expect(accessOf({ argv: ["rm", "x"], env: { A: "b" } })).toBe("destroy")
  })

  it("has a sentence within the limit, whatever the words are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", maxLength: 200 }), { minLength: 1, maxLength: 8 }),
        ([first = "", ...rest]) => {
          const { sentence } = draftCommand({ argv: [first, ...rest] })
          expect(sentence.length).toBeLessThanOrEqual(SENTENCE_LENGTH_MAX)
          expect(sentence.isWellFormed()).toBe(true)
        }
      )
    )
  })
})
