// What a target may look like: one rule a field, each with its sentence.
import { fingerprintIn, isFingerprint, isHostPin } from "./host-pin.ts"

/** What somebody says about a target. */
export interface TargetSettings {
  /** Letters, digits and `. _ -`, at most 63; unique within the organisation. */
  readonly name: string
  /** A host name or an IP address. */
  readonly host: string
  readonly port: number
  readonly account: string
  /**
   * Fingerprint `SHA256:…` of the host key, as OpenSSH prints it; or `cert-authority:` and the fingerprint of an authority whose host
   * certificates are accepted.
   */
  readonly hostKey: string
  /** Fingerprints that are never accepted; none unless told. At most 100. */
  readonly revokedKeys?: ReadonlyArray<string>
  /** Name of the secret that signs in there. */
  readonly credential: string
  /** Name of the secret that opens an encrypted private key; none unless told, and `null` takes it away. */
  readonly passphrase?: string | null
  /** Name or id of the target through which this one is reached; none unless told, and `null` takes it away. */
  readonly jump?: string | null
  /** At most 32; `unattended-reads` lets harmless commands run without asking anybody. */
  readonly tags: ReadonlyArray<string>
}

const TAGS_MAX = 32
/** Fingerprints that a target refuses. */
export const REVOKED_KEYS_MAX = 100

/** What is wrong with the settings, as a sentence; `undefined` when nothing is. */
export const invalidSetting = (settings: TargetSettings): string | undefined =>
  RULES.find(([isValid]) => !isValid(settings))?.[1]

type Rule = readonly [isValid: (settings: TargetSettings) => boolean, sentence: string]

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
/** Also IPv6 with a zone: `fe80::1%eth0`. */
const HOST = /^[A-Za-z0-9][A-Za-z0-9._:%-]{0,254}$|^::[A-Za-z0-9:.%]{0,60}$/
const ACCOUNT = /^[^\s\p{C}:]{1,64}$/u
const SECRET = /^[\x21-\x7e]{1,128}$/
const TAG = /^[a-z0-9][a-z0-9._:/-]{0,62}$/

const RULES: ReadonlyArray<Rule> = [
  [
    // An id finds a target as well; a name must not look like one.
    ({ name }) => NAME.test(name) && !name.startsWith("target_"),
    'A target\'s name has 1 to 63 letters, digits, dots, dashes or underscores, and does not begin with "target_".'
  ],
  [({ host }) => HOST.test(host), "The host must be a host name or an IP address, without a user or a port."],
  [({ port }) => Number.isInteger(port) && port >= 1 && port <= 65_535, "The port must be between 1 and 65535."],
  [({ account }) => ACCOUNT.test(account), "The account must have 1 to 64 characters without spaces or colons."],
  [
    ({ hostKey }) => isHostPin(hostKey),
    'The host key must be a fingerprint like "SHA256:" and 43 characters, as "ssh-keygen -lf" prints it, or "cert-authority:" before that of an authority.'
  ],
  [
    ({ hostKey, revokedKeys = [] }) => !revokedKeys.includes(fingerprintIn(hostKey)),
    "The host key is revoked for this target."
  ],
  [
    ({ revokedKeys = [] }) => revokedKeys.length <= REVOKED_KEYS_MAX && revokedKeys.every(isFingerprint),
    `A target refuses at most ${REVOKED_KEYS_MAX} keys, each by its fingerprint.`
  ],
  [({ credential }) => SECRET.test(credential), "The credential must be the name of a secret, at most 128 characters."],
  [
    ({ passphrase }) => passphrase === undefined || passphrase === null || SECRET.test(passphrase),
    "The passphrase must be the name of a secret, at most 128 characters."
  ],
  [({ tags }) => tags.length <= TAGS_MAX, `A target has at most ${TAGS_MAX} tags.`],
  [
    ({ tags }) => tags.every((tag) => TAG.test(tag)),
    "A tag has 1 to 63 lower-case letters, digits or . _ : / - and begins with a letter or digit."
  ]
]
