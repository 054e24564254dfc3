// What a target's host must show: one key, or any key that one authority has certified for it.

const AUTHORITY = "cert-authority:"
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/

/** `SHA256:…` for a key; `cert-authority:SHA256:…` for the authority whose host certificates are accepted. */
export const isHostPin = (pin: string): boolean => isFingerprint(fingerprintIn(pin))

/** `SHA256:` and base64, as OpenSSH prints it. */
export const isFingerprint = (text: string): boolean => FINGERPRINT.test(text)

/** The fingerprint of the authority, where it is one that is pinned. */
export const authorityIn = (pin: string): string | undefined =>
  pin.startsWith(AUTHORITY) ? pin.slice(AUTHORITY.length) : undefined

/** The pin of an authority. */
export const authorityPin = (fingerprint: string): string => `${AUTHORITY}${fingerprint}`

/** The fingerprint in a pin of either kind. */
export const fingerprintIn = (pin: string): string => authorityIn(pin) ?? pin
