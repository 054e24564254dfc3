// ssh2 1.17 knows no host certificates (https://github.com/mscdex/ssh2/issues/551 is about users'). What it lacks is given to it here, in
// three steps, each of which fails closed: it takes the algorithms' names; a host's signature is checked with the key in the certificate;
// and the exchange hash stays the one over the certificate, as the host computed it.
import { createRequire } from "node:module"
import type ssh2 from "ssh2"
import { HOST_CERTIFICATE_TYPES, signatureOf } from "./host-verification.ts"

/** The list that ssh2 holds wanted algorithms against. */
const { SUPPORTED_SERVER_HOST_KEY }: { readonly SUPPORTED_SERVER_HOST_KEY: Array<string> } = createRequire(
  import.meta.url
)("ssh2/lib/protocol/constants.js")

/** Lets connections ask for host certificates. */
export const allowHostCertificates = (): void => {
  for (const type of HOST_CERTIFICATE_TYPES) {
    if (!SUPPORTED_SERVER_HOST_KEY.includes(type)) SUPPORTED_SERVER_HOST_KEY.push(type)
  }
}

/** The part of ssh2's key exchange that is touched. */
interface KeyExchange {
  readonly negotiated: { serverHostKey: string }
  _hostKey: Buffer
}

/** Called while ssh2 asks whether the host is known: from here on it checks the host's signature with the certified key. */
export const checkWithCertifiedKey = (client: ssh2.Client, shown: Buffer, certified: Buffer): void => {
  const exchange = (client as unknown as { readonly _protocol: { readonly _kex: KeyExchange } })._protocol._kex
  exchange.negotiated.serverHostKey = signatureOf(shown)
  let isHashed = false
  Object.defineProperty(exchange, "_hostKey", {
    configurable: true,
    // ssh2 forgets it when the exchange is over.
    set: (value) => Object.defineProperty(exchange, "_hostKey", { value, writable: true, configurable: true }),
    // ssh2 reads it for the exchange hash first, and then for the key.
    get: () => {
      const value = isHashed ? certified : shown
      isHashed = true
      return value
    }
  })
}
