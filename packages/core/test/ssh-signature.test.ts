// Signatures of ssh-keygen, checked by us, and the other way round.
import { execFileSync } from "node:child_process"
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  APPROVAL_NAMESPACE,
  armorSshSignature,
  isSshSigned,
  Malformed,
  parseSshKey,
  parseSshSignature,
  type SshSignature,
  signedBytes,
  sshFingerprint,
  sshKeyBlob,
  sshString
} from "../src/index.ts"

/** Comes with OpenSSH's server. */
const SSH_KEYGEN = "/usr/bin/ssh-keygen"
const folder = mkdtempSync(join(tmpdir(), "fluxcybers-ssh-signature-"))
afterAll(() => rmSync(folder, { recursive: true }))
const keygen = (args: ReadonlyArray<string>, input?: Uint8Array) =>
  execFileSync(SSH_KEYGEN, args, { input, cwd: folder })

const MESSAGE = Buffer.from('fluxcybers-approval-v1\n{"digest":"00"}')

const signatureOf = (key: string, message: Uint8Array = MESSAGE, namespace = APPROVAL_NAMESPACE) =>
  keygen(["-q", "-Y", "sign", "-f", key, "-n", namespace], message).toString()

/** Does ssh-keygen find that the file is a signature of the message by the key? */
const isVerifiedByKeygen = (signature: SshSignature, line: string, message: Uint8Array = MESSAGE): boolean => {
  writeFileSync(join(folder, "signers"), `ada ${line.split(" ").slice(0, 2).join(" ")}\n`)
  writeFileSync(join(folder, "sig"), armorSshSignature(signature))
  try {
    keygen(["-q", "-Y", "verify", "-f", "signers", "-I", "ada", "-n", signature.namespace, "-s", "sig"], message)
    return true
  } catch {
    return false
  }
}

// ssh-keygen comes with OpenSSH, which is not on every machine; the closing summary says how to install it.
describe.skipIf(!existsSync(SSH_KEYGEN)).each([
  ["ed25519", []],
  ["ecdsa", ["-b", "256"]],
  ["ecdsa", ["-b", "384"]],
  ["ecdsa", ["-b", "521"]],
  ["rsa", ["-b", "2048"]],
  ["rsa", ["-b", "4096"]]
])("a key of kind %s %j", (kind, more) => {
  const file = `${kind}${more.join("")}`
  let line = ""
  beforeAll(() => {
    keygen(["-q", "-t", kind, ...more, "-N", "", "-C", "a comment", "-f", file])
    line = readFileSync(join(folder, `${file}.pub`), "utf8")
  })

  it("is read as ssh-keygen reads it", () => {
    expect(keygen(["-l", "-f", `${file}.pub`]).toString()).toContain(sshFingerprint(sshKeyBlob(line)))
  })

  it("signs with ssh-keygen what is verified here, and what ssh-keygen verifies after we wrote it", () => {
    for (const message of [MESSAGE, Buffer.alloc(0), Buffer.alloc(100_000, 7)]) {
      const signature = parseSshSignature(signatureOf(file, message))
      expect(signature.publicKey.equals(sshKeyBlob(line))).toBe(true)
      expect(isSshSigned(message, signature)).toBe(true)
      expect(isVerifiedByKeygen(signature, line, message)).toBe(true)
    }
  })

  it("has signed no other message, not in another namespace, and not with a flipped bit", () => {
    const signature = parseSshSignature(signatureOf(file))
    expect(isSshSigned(Buffer.from("other"), signature)).toBe(false)
    expect(isSshSigned(MESSAGE, { ...signature, namespace: "file" })).toBe(false)
    expect(isSshSigned(MESSAGE, { ...signature, digest: signature.digest === "sha512" ? "sha256" : "sha512" })).toBe(
      false
    )
    for (let bit = 0; bit < signature.signature.length * 8; bit += 7) {
      const flipped = Buffer.from(signature.signature)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(isSshSigned(MESSAGE, { ...signature, signature: flipped })).toBe(false)
    }
  })

  it("does not count when its signature is cut short or has a rest", () => {
    const signature = parseSshSignature(signatureOf(file))
    for (let length = 0; length < signature.signature.length; length += 5) {
      expect(isSshSigned(MESSAGE, { ...signature, signature: signature.signature.subarray(0, length) })).toBe(false)
    }
    const longer = Buffer.concat([signature.signature, Buffer.of(0)])
    expect(isSshSigned(MESSAGE, { ...signature, signature: longer })).toBe(false)
  })
})

/** A security key in software: PROTOCOL.u2f says what it signs. */
const securityKey = (kind: "ed25519" | "ecdsa") => {
  const { publicKey, privateKey } =
    kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" })
  const type = kind === "ed25519" ? "sk-ssh-ed25519@openssh.com" : "sk-ecdsa-sha2-nistp256@openssh.com"
  const jwk = publicKey.export({ format: "jwk" })
  const [x, y] = [jwk.x, jwk.y].map((part) => Buffer.from(String(part ?? ""), "base64url"))
  const point =
    kind === "ed25519"
      ? sshString(x!)
      : Buffer.concat([sshString("nistp256"), sshString(Buffer.concat([Buffer.of(4), x!, y!]))])
  return { type, privateKey, blob: Buffer.concat([sshString(type), point, sshString("ssh:")]) }
}

const mpint = (number: Buffer) => sshString(number[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), number]) : number)

const touched = (key: { type: string; privateKey: KeyObject }, bytes: Buffer, flags: number): Buffer => {
  const sha256 = (data: Buffer | string) => createHash("sha256").update(data).digest()
  const state = Buffer.of(flags, 0, 0, 0, 9)
  const signed = Buffer.concat([sha256("ssh:"), state, sha256(bytes)])
  if (key.privateKey.asymmetricKeyType === "ed25519") {
    return Buffer.concat([sshString(key.type), sshString(sign(null, signed, key.privateKey)), state])
  }
  const pair = sign("sha256", signed, { key: key.privateKey, dsaEncoding: "ieee-p1363" })
  const numbers = [pair.subarray(0, 32), pair.subarray(32)].map((half) =>
    mpint(half.subarray(half.findIndex((byte) => byte !== 0)))
  )
  return Buffer.concat([sshString(key.type), sshString(Buffer.concat(numbers)), state])
}

describe.each(["ed25519", "ecdsa"] as const)("a security key with %s", (kind) => {
  const key = securityKey(kind)
  const of = (flags: number): SshSignature => {
    const about = { namespace: APPROVAL_NAMESPACE, digest: "sha512" as const }
    return { ...about, publicKey: key.blob, signature: touched(key, signedBytes(MESSAGE, about), flags) }
  }
  const line = `${key.type} ${key.blob.toString("base64")}`

  it("is verified here and by ssh-keygen when a person touched it", () => {
    expect(isSshSigned(MESSAGE, of(0x01))).toBe(true)
    expect(isSshSigned(MESSAGE, of(0x05))).toBe(true)
    expect(isVerifiedByKeygen(of(0x01), line)).toBe(true)
  })

  it("does not count when nobody touched it, or when its flags or counter were changed", () => {
    expect(isSshSigned(MESSAGE, of(0x00))).toBe(false)
    const signature = of(0x01)
    for (const at of [-5, -1]) {
      const changed = Buffer.from(signature.signature)
      changed[changed.length + at]! ^= 4
      expect(isSshSigned(MESSAGE, { ...signature, signature: changed })).toBe(false)
    }
  })
})

describe("a public key", () => {
  it.each([
    [
      "an RSA key of 1,024 bits",
      () => {
        const { n = "", e = "" } = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({
          format: "jwk"
        })
        return Buffer.concat([
          sshString("ssh-rsa"),
          mpint(Buffer.from(String(e), "base64url")),
          mpint(Buffer.from(String(n), "base64url"))
        ])
      }
    ],
    ["a key of a kind that is not supported", () => Buffer.concat([sshString("ssh-dss"), sshString("x")])],
    [
      "a point that is not on its curve",
      () => Buffer.concat([sshString("ecdsa-sha2-nistp256"), sshString("nistp256"), sshString(Buffer.alloc(65, 4))])
    ],
    ["a key with a rest", () => Buffer.concat([securityKey("ed25519").blob, Buffer.of(0)])],
    ["nothing", () => Buffer.alloc(0)]
  ])("is refused when it is %s", (_, blob) => {
    expect(() => parseSshKey(blob())).toThrow(Malformed)
  })

  it.each(["", "ssh-ed25519", "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==", "ssh-ed25519 %%%"])(
    "is not the line %j",
    (line) => {
      expect(() => sshKeyBlob(line)).toThrow(Malformed)
    }
  )
})

describe("a signature file", () => {
  it.each([
    ["is empty", () => ""],
    ["is armor around nothing of ours", () => "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"],
    ["is larger than any", () => `-----BEGIN SSH SIGNATURE-----\n${"A".repeat(9_000)}\n-----END SSH SIGNATURE-----\n`],
    [
      "has another version",
      () => {
        const bytes = Buffer.from("U1NIU0lHAAAAAQAAAAA=", "base64")
        bytes[9] = 2
        return `-----BEGIN SSH SIGNATURE-----\n${bytes.toString("base64")}\n-----END SSH SIGNATURE-----\n`
      }
    ]
  ])("is refused when it %s", (_, file) => {
    expect(() => parseSshSignature(file())).toThrow(Malformed)
  })
})
