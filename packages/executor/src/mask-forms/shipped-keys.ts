// Private keys, and hashes of passwords.
import type { SecretForm } from "./form.ts"
import { madeUp } from "./made-up.ts"

const BLOCK_BYTES_MAX = 16_384
const LABELS = ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED "].map((kind) => `${kind}PRIVATE KEY`)

const begin = (label: string): string => `-----BEGIN ${label}-----`
const block = (label: string): string => `${begin(label)}\n${madeUp(64)}\n${madeUp(40)}==\n-----END ${label}-----`

/** RFC 7468, RFC 4716: base64 in lines, also indented, with the headers of RFC 1421, or with `\n` written out. */
const KEY_BLOCK = "A-Za-z0-9+/=\\s\\\\:,-"

/** As much of the base64 of a text as no following byte changes (RFC 4648 §4). */
const inBase64 = (text: string): string =>
  Buffer.from(text.slice(0, text.length - (text.length % 3))).toString("base64")

export const keyForms: ReadonlyArray<SecretForm> = [
  {
    kind: "private-key",
    starts: [begin(LABELS[0]!), ...LABELS.slice(1).map(begin)],
    parts: [{ chars: KEY_BLOCK, min: 40, max: BLOCK_BYTES_MAX, until: "KEY-----" }],
    masked: [
      ...LABELS.map(block),
      block(LABELS[1]!).replaceAll("\n", "\\n"),
      block(LABELS[1]!).replaceAll("\n", "\n    ")
    ],
    shown: [begin(LABELS[1]!), `${begin(LABELS[1]!)} x`, `-----BEGIN CERTIFICATE-----\n${madeUp(64)}`]
  },
  {
    kind: "private-key",
    starts: ["-----BEGIN PGP PRIVATE KEY BLOCK-----", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"],
    parts: [{ chars: `${KEY_BLOCK.slice(0, -1)}.()-`, min: 40, max: BLOCK_BYTES_MAX, until: "----" }],
    masked: [
      `-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n${madeUp(64)}\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n`
    ],
    shown: ["-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"]
  },
  {
    kind: "private-key",
    starts: ["Private-Lines: "],
    parts: [{ chars: "A-Za-z0-9+/=\\r\\n", min: 40, max: BLOCK_BYTES_MAX }],
    masked: [`PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\n${madeUp(48)}\nPrivate-MAC: x`],
    shown: ["Private-Lines: 1\n"]
  },
  {
    kind: "private-key",
    starts: [inBase64(begin(LABELS[0]!)), ...LABELS.slice(1).map((label) => inBase64(begin(label)))],
    parts: [{ chars: "A-Za-z0-9+/=\\r\\n", min: 40, max: BLOCK_BYTES_MAX }],
    masked: LABELS.map((label) => `tls.key: ${Buffer.from(block(label)).toString("base64")}`),
    shown: [Buffer.from(begin("CERTIFICATE") + madeUp(64)).toString("base64")]
  },
  {
    kind: "password-hash",
    starts: [
      "$1$",
      "$5$",
      "$6$",
      "$7$",
      "$y$",
      "$gy$",
      "$2a$",
      "$2b$",
      "$2y$",
      "$argon2",
      "$scrypt$",
      "$pbkdf2",
      "{SSHA",
      "SCRAM-SHA-256$"
    ],
    parts: [{ chars: "A-Za-z0-9./$=,+}:-", min: 20, max: 400 }],
    masked: [
      `root:$6$${madeUp(16)}$${madeUp(86)}:19000:0:99999:7:::`,
      `$2b$12$${madeUp(53)}`,
      `$argon2id$v=19$m=65536,t=3,p=4$${madeUp(22)}$${madeUp(43)}`
    ],
    shown: ["awk '{ print $1$2 }'", "root:*:19000:0:99999:7:::", "$6$"]
  }
]
