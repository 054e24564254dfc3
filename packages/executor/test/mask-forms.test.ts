import { Schema } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeMasker } from "../src/mask.ts"
import { formProblem, LOOK_BACK_BYTES_MAX, SecretForm } from "../src/mask-forms/form.ts"
import { madeUp } from "../src/mask-forms/made-up.ts"
import { compileForms, type FormScanner } from "../src/mask-forms/scan.ts"
import { SHIPPED_FORMS, shippedForms } from "../src/mask-forms/shipped.ts"

const split = (output: Buffer, sizes: ReadonlyArray<number>): ReadonlyArray<Buffer> => {
  const pieces: Array<Buffer> = []
  for (let at = 0, i = 0; at < output.length; i++) {
    const size = sizes[i % sizes.length] ?? output.length
    pieces.push(output.subarray(at, at + size))
    at += size
  }
  return pieces
}

const shownOf = (
  output: Buffer | string,
  sizes: ReadonlyArray<number> = [],
  forms = shippedForms,
  secrets: ReadonlyArray<string> = []
) => {
  const masker = makeMasker(
    secrets.map((secret) => Buffer.from(secret)),
    forms
  )
  const pieces = split(Buffer.from(output), sizes)
  return Buffer.concat([...pieces.map((piece) => masker.push(piece)), masker.flush()]).toString("latin1")
}

const cases = SHIPPED_FORMS.map((form, index) => ({
  name: `${form.kind} (${index})`,
  form,
  only: compileForms([form])
}))

describe.each(cases)("the form $name", ({ form, only }) => {
  it("is sound", () => {
    expect(Schema.decodeUnknownResult(SecretForm)(form)._tag).toBe("Success")
    expect(formProblem(form)).toBeUndefined()
  })

  it("masks each of its examples, however they are cut", () => {
    for (const example of form.masked) {
      const output = `<${example}\n`
      const shown = shownOf(output, [], only)
      expect(shown).toContain(`[masked: ${form.kind}]`)
      expect(shown).not.toMatch(/k7Qw2Zx9|K7QW2ZX9|tiger/)
      for (const size of [1, 2, 3, 7, 32]) expect(shownOf(output, [size], only)).toBe(shown)
    }
  })

  it("leaves its counterexamples as they are", () => {
    for (const example of form.shown) expect(shownOf(`${example}\n`, [], only)).toBe(`${example}\n`)
  })
})

describe("forms together", () => {
  const fragments = fc.constantFrom(
    ...SHIPPED_FORMS.flatMap(({ masked, shown, starts }) => [...masked, ...shown, ...starts]),
    ..."a:=@ \n\"'-_./".split(""),
    "known-secret-1"
  )
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 })

  it("mask the same however the output is cut into pieces, beside known secrets", () => {
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 12 }), sizes, (parts, cuts) => {
        const output = parts.join("")
        const secrets = ["known-secret-1", "x9Rb4Tn6"]
        expect(shownOf(output, cuts, shippedForms, secrets)).toBe(shownOf(output, [], shippedForms, secrets))
      }),
      { numRuns: 300 }
    )
  })

  it("show a prompt at once, and what is no secret as it is, to the byte", () => {
    const masker = makeMasker([], shippedForms)
    const show = (text: string) => Buffer.from(masker.push(Buffer.from(text))).toString()
    for (const text of [
      "Password: ",
      "\n[sudo] password for ops: ",
      "\nContinue? [y/N] ",
      "Loading",
      "x",
      "# ",
      "https://host:80 "
    ])
      expect(show(text)).toBe(text)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    expect(shownOf(bytes)).toBe(bytes.toString("latin1"))
  })

  it("mask what the end of the output cuts off, from 6 bytes on", () => {
    expect(shownOf("postgres://app:tigertiger")).toBe("postgres://app:[masked: url-password]")
    expect(shownOf("postgres://app:tige")).toBe("postgres://app:tige")
  })

  it("hide a block of 16 KiB at most, so that one without an end does not hide everything", () => {
    const begin = `-----BEGIN ${"RSA"} PRIVATE KEY-----`
    const shown = shownOf(`${begin}\n${"a".repeat(20_000)}`, [1_000])
    expect(shown).toBe(`${begin}[masked: private-key]${"a".repeat(20_001 - 16_384)}`)
  })
})

describe("the work", () => {
  /** How many bytes are looked at in all, and how many are kept between two pieces at most. */
  const measured = (scan: FormScanner, output: Buffer, size: number) => {
    let [held, before, steps, keptMax] = [Buffer.alloc(0), undefined as number | undefined, 0, 0]
    for (let at = 0; at < output.length; at += size) {
      const bytes = Buffer.concat([held, output.subarray(at, at + size)])
      const result = scan(bytes, { before, keptFrom: bytes.length, isEnd: false })
      steps += result.steps
      if (result.needed > 0) before = bytes[result.needed - 1]
      held = bytes.subarray(result.needed)
      keptMax = Math.max(keptMax, held.length)
    }
    return { stepsPerByte: steps / output.length, keptMax }
  }

  const hostile = [
    ...SHIPPED_FORMS.flatMap(({ starts }) => starts),
    ...SHIPPED_FORMS.flatMap(({ masked }) => masked.map((example) => example.slice(0, -1))),
    "://a:",
    "://:",
    "eyJeyJ",
    ".eyJa",
    "password=password",
    'password:\\"',
    "a",
    "-",
    `-----BEGIN ${"RSA"} PRIVATE KEY-----\n${madeUp(41)}`
  ]

  it.each([64, 16_384])("is proportional to hostile output in pieces of %i bytes, and little is kept", (size) => {
    for (const fragment of hostile) {
      const output = Buffer.alloc(8 * LOOK_BACK_BYTES_MAX + size, fragment)
      const { stepsPerByte, keptMax } = measured(shippedForms.scanner(), output, size)
      const rescanned = 1 + LOOK_BACK_BYTES_MAX / size
      expect(stepsPerByte, fragment).toBeLessThan(40 * rescanned)
      expect(keptMax, fragment).toBeLessThanOrEqual(LOOK_BACK_BYTES_MAX)
    }
  })

  it("does not grow with the length of a run in which every byte could begin a form", () => {
    const form = {
      kind: "x",
      starts: ["aaa"],
      parts: [{ chars: "a", min: 1, max: 1_000 }, { text: "!" }],
      masked: [],
      shown: []
    } as const
    const { stepsPerByte } = measured(compileForms([form]).scanner(), Buffer.alloc(262_144, "a"), 65_536)
    expect(stepsPerByte).toBeLessThan(10)
  })
})
