// ssh2 1.17 signs in with keys, but not with certificates for them (https://github.com/mscdex/ssh2/issues/551). What differs is the name of the
// algorithm and what is shown in place of the key; the signature is one of the plain key (PROTOCOL.certkeys, RFC 4252 §7).
import { createRequire } from "node:module"
import { sshString } from "@fluxcybers/core"
import type ssh2 from "ssh2"
import { certificateType } from "./certificate.ts"

/** The part of ssh2's protocol that is touched. */
interface Protocol {
  authPK(
    username: string,
    key: ssh2.ParsedKey,
    algorithm?: string,
    sign?: (data: Buffer, done: (signature: Buffer) => void) => void
  ): void
  readonly _kex: { readonly sessionID: Buffer }
  readonly _authsQueue: Array<string>
  readonly _packetRW: {
    readonly write: { alloc(length: number): Buffer; readonly allocStart: number; finalize(packet: Buffer): Buffer }
  }
}

const {
  sendPacket,
  convertSignature
}: {
  readonly sendPacket: (protocol: Protocol, packet: Buffer) => void
  /** From DER to the form of RFC 5656 §3.1.2, where it is not in that already. */
  readonly convertSignature: (signature: Buffer, type: string) => Buffer | false | undefined
} = createRequire(import.meta.url)("ssh2/lib/protocol/utils.js")

const USERAUTH_REQUEST = 50

/** Called when keys were exchanged and nobody has signed in: from here on the certificate is shown. */
export const showCertificate = (client: ssh2.Client, certificate: Buffer): void => {
  const protocol = (client as unknown as { readonly _protocol: Protocol })._protocol
  protocol.authPK = (username, key, algorithm = key.type, sign) => {
    const request = (isSigned: boolean): Buffer =>
      Buffer.concat([
        Buffer.of(USERAUTH_REQUEST),
        ...[username, "ssh-connection", "publickey"].map(sshString),
        Buffer.of(isSigned ? 1 : 0),
        sshString(certificateType(algorithm)),
        sshString(certificate)
      ])
    if (sign === undefined) return send(protocol, request(false))
    const signed = request(true)
    sign(Buffer.concat([sshString(protocol._kex.sessionID), signed]), (made) => {
      const signature = convertSignature(made, key.type)
      if (!signature) throw new Error("a signature that cannot be converted")
      send(protocol, Buffer.concat([signed, sshString(Buffer.concat([sshString(algorithm), sshString(signature)]))]))
    })
  }
}

const send = (protocol: Protocol, payload: Buffer): void => {
  const { write } = protocol._packetRW
  const packet = write.alloc(payload.length)
  packet.set(payload, write.allocStart)
  protocol._authsQueue.push("publickey")
  sendPacket(protocol, write.finalize(packet))
}
