import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeMasker } from "../src/mask.ts"
import { secretPatterns } from "../src/mask-patterns.ts"

const bytes = (text: string) => Buffer.from(text, "utf8")
const text = (pieces: ReadonlyArray<Uint8Array>) => Buffer.concat(pieces).toString("latin1")

const maskAll = (secrets: ReadonlyArray<Uint8Array>, pieces: ReadonlyArray<Uint8Array>) => {
  const masker = makeMasker(secrets)
  return text([...pieces.map((piece) => masker.push(piece)), masker.flush()])
}

const maskText = (secret: string, output: string) => maskAll([bytes(secret)], [bytes(output)])

/** What masking means, without any cleverness: every byte of every occurrence, and a cut secret of 6 bytes or more at the end. */
const maskNaively = (secrets: ReadonlyArray<Uint8Array>, output: string): string => {
  const patterns = secrets.flatMap(secretPatterns).map((pattern) => pattern.toString("latin1"))
  const isSecret = new Array<boolean>(output.length).fill(false)
  for (const pattern of patterns)
    for (let at = output.indexOf(pattern); at >= 0; at = output.indexOf(pattern, at + 1))
      isSecret.fill(true, at, at + pattern.length)
  const cut = patterns.flatMap((pattern) =>
    Array.from({ length: pattern.length - 1 }, (_, i) => i + 1).filter((length) =>
      output.endsWith(pattern.slice(0, length))
    )
  )
  const longest = Math.max(0, ...cut)
  if (longest >= 6) isSecret.fill(true, output.length - longest)
  return [...output].map((byte, i) => (!isSecret[i] ? byte : isSecret[i - 1] ? "" : "***")).join("")
}

const split = (output: Buffer, sizes: ReadonlyArray<number>): ReadonlyArray<Buffer> => {
  const pieces: Array<Buffer> = []
  for (let at = 0, i = 0; at < output.length; i++) {
    const size = sizes[i % sizes.length] ?? output.length
    pieces.push(output.subarray(at, at + size))
    at += size
  }
  return pieces
}

const PRIVATE_KEY = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACAhxtDGHf5nZCrWJ8xgLOhzPtLQVjKDGvfmN4Du3mHKFAAAAJgZFEqlGRRK
pQAAAAtzc2gtZWQyNTUxOQAAACAhxtDGHf5nZCrWJ8xgLOhzPtLQVjKDGvfmN4Du3mHKFA
-----END OPENSSH PRIVATE KEY-----
`

describe("what is masked", () => {
  const secret = "p@ss w0rd/ü'\"$x"
  const encodings = {
    "as it is": secret,
    "in base64 after one byte": bytes(`a${secret}zz`).toString("base64"),
    "in base64 after two bytes": bytes(`ab${secret}z`).toString("base64"),
    "in base64 on its own": bytes(secret).toString("base64"),
    "in base64url": bytes(secret).toString("base64url"),
    "in hex": bytes(secret).toString("hex"),
    "in upper-case hex": bytes(secret).toString("hex").toUpperCase(),
    "in a URL": encodeURIComponent(secret),
    "in a form": new URLSearchParams({ secret }).toString().slice("secret=".length),
    "in JSON": JSON.stringify(secret),
    "in JSON of PHP": JSON.stringify(secret).replaceAll("/", "\\/").replaceAll("ü", "\\u00fc"),
    "in single quotes of a shell": `'${secret.replaceAll("'", "'\\''")}'`,
    "in double quotes of a shell": `"${secret.replace(/["\\$`]/g, "\\$&")}"`
  }

  it.each(Object.entries(encodings))("a secret %s", (_, encoded) => {
    const shown = maskText(secret, `before ${encoded} after`)
    expect(shown).toMatch(/^before .{0,3}\*\*\*.{0,6} after$/)
  })

  it("a secret without the line break that ends its file", () => {
    expect(maskText("hunter2-hunter2\n", "it is hunter2-hunter2!")).toBe("it is ***!")
  })

  it("each line of a private key, also where a terminal or a log prefix tears it apart", () => {
    const logged = PRIVATE_KEY.replaceAll("\n", "\r\nlog: ")
    expect(maskText(PRIVATE_KEY, logged)).not.toMatch(/[A-Za-z0-9+/]{20}/)
    expect(maskText(PRIVATE_KEY, PRIVATE_KEY)).toBe("***\n")
  })

  it("a private key in base64 broken into lines, as base64(1) and openssl print it, and in hex as xxd prints it", () => {
    const broken = (encoded: string, length: number) => encoded.replace(new RegExp(`.{${length}}`, "g"), "$&\n")
    const base64 = bytes(PRIVATE_KEY).toString("base64")
    for (const output of [broken(base64, 76), broken(base64, 64), broken(bytes(PRIVATE_KEY).toString("hex"), 60)])
      expect(maskText(PRIVATE_KEY, output).length).toBeLessThan(16)
  })

  it("two secrets that overlap, whole", () => {
    expect(maskAll([bytes("alpha-beta"), bytes("beta-gamma")], [bytes("x alpha-beta-gamma y")])).toBe("x *** y")
  })

  it("the beginning of a secret that the end of the output cuts off", () => {
    expect(maskText("correct horse battery", "it is correct horse b")).toBe("it is ***")
  })

  it("the beginning of a secret that the end cuts off, whole, though another secret stands within it", () => {
    const secrets = [bytes("passphrase-of-root-1"), bytes("of-root")]
    for (const pieces of [[bytes("it is passphrase-of-root")], split(Buffer.from("it is passphrase-of-root"), [1])]) {
      expect(maskAll(secrets, pieces)).toBe("it is ***")
    }
  })

  it("a secret that was added while the output streams", () => {
    const masker = makeMasker([bytes("first-secret")])
    const before = masker.push(bytes("first-secret second-"))
    masker.add(bytes("second-secret"))
    expect(text([before, masker.push(bytes("second-secret")), masker.flush()])).toBe("*** second-***")
  })
})

describe("what is not masked", () => {
  it("a secret under 4 bytes, and encodings of one under 6", () => {
    expect(maskText("abc", "abc")).toBe("abc")
    expect(maskText("abcd", "abcd YWJjZA== 61626364")).toBe("*** YWJjZA== 61626364")
  })

  it("the boundaries of a PEM file, which are no secret", () => {
    expect(maskText(PRIVATE_KEY, "-----BEGIN OPENSSH PRIVATE KEY----- x")).toBe("-----BEGIN OPENSSH PRIVATE KEY----- x")
  })
})

describe("streaming", () => {
  it("masks the same however the output is cut into pieces, and no occurrence gets out", () => {
    const alphabet = fc.constantFrom("a", "b", "=", "/", "é", "'", "\n", " ", "YWJj", "616")
    const word = fc.array(alphabet, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""))
    const secrets = fc.array(word, { minLength: 1, maxLength: 4 })
    const ways = ["utf8", "base64", "base64url", "hex"] as const
    const piece = fc.record({ noise: word, which: fc.nat(3), way: fc.constantFrom(...ways), pad: fc.nat(2) })
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(secrets, fc.array(piece, { maxLength: 8 }), sizes, (values, parts, cuts) => {
        const plain = values.map(bytes)
        const output = Buffer.concat(
          parts.flatMap(({ noise, which, way, pad }) => {
            const secret = plain[which % plain.length]!
            return [bytes(noise), bytes(Buffer.concat([Buffer.alloc(pad, "x"), secret]).toString(way))]
          })
        )
        const shown = maskAll(plain, split(output, cuts))
        expect(shown).toBe(maskNaively(plain, output.toString("latin1")))
      }),
      { numRuns: 2_000 }
    )
  })

  it("holds back nothing but what may become a secret, so that a prompt appears at once", () => {
    const masker = makeMasker([bytes("swordfish")])
    expect(text([masker.push(bytes("Password: "))])).toBe("Password: ")
    expect(text([masker.push(bytes("> sword"))])).toBe("> ")
    expect(text([masker.push(bytes("s"))])).toBe("swords".slice(0, 5))
    expect(text([masker.flush()])).toBe("s")
  })

  it("gives the very bytes when there is nothing to mask", () => {
    const output = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    expect(maskAll([], [output])).toBe(output.toString("latin1"))
    expect(maskAll([bytes("not-in-there")], [output])).toBe(output.toString("latin1"))
  })

  it("masks 64 MiB with ten secrets in less than a second", () => {
    const secrets = Array.from({ length: 10 }, (_, i) => bytes(`secret-${i}-${"x".repeat(i)}-value`))
    const line = bytes('2026-11-24T06:00:12Z level=info msg="processing item" status=ok dur=12ms path=/srv/app/1\n')
    const piece = Buffer.alloc(32 * 1024, line)
    const masker = makeMasker(secrets)
    const startedMs = performance.now()
    for (let i = 0; i < 2_048; i++) masker.push(piece)
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })
})
