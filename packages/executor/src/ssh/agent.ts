// A client of ssh-agent (draft-miller-ssh-agent): it lists keys and signs with them; the keys stay where they are.
import { createConnection } from "node:net"
import { Malformed, SshReader, sshString } from "@fluxcybers/core"

/** A key or a certificate that an agent holds. */
export type AgentIdentity = Buffer

/** The agent does not answer, not in time, or not as the protocol says. */
export class AgentUnavailable extends Error {}

/** Also for a person who has to confirm or to touch something. */
const ANSWER_MS_MAX = 15_000
/** As in OpenSSH (AGENT_MAX_LEN). */
const MESSAGE_BYTES_MAX = 256 * 1024
const IDENTITIES_MAX = 2_048

const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const SIGN_REQUEST = 13
const SIGN_RESPONSE = 14
/** SSH_AGENT_RSA_SHA2_256 and _512; without a flag, RSA keys sign with SHA-1. */
const FLAGS: Readonly<Record<string, number>> = { sha256: 2, sha512: 4 }

/** What the agent holds. Rejects with `AgentUnavailable`. */
export const agentIdentities = async (socket: string): Promise<ReadonlyArray<AgentIdentity>> => {
  const answer = await ask(socket, Buffer.of(REQUEST_IDENTITIES))
  return read(answer, IDENTITIES_ANSWER, (reader) => {
    const count = Math.min(reader.uint32(), IDENTITIES_MAX)
    return Array.from({ length: count }, () => {
      const identity = reader.string()
      reader.string()
      return identity
    })
  })
}

/** A signature with one of its keys, without the algorithm's name. Rejects with `AgentUnavailable`, also when the agent refuses. */
export const agentSignature = async (
  socket: string,
  wanted: { readonly identity: AgentIdentity; readonly data: Uint8Array; readonly hash: string | undefined }
): Promise<Buffer> => {
  const flags = Buffer.alloc(4)
  flags.writeUInt32BE(FLAGS[wanted.hash ?? ""] ?? 0)
  const request = [Buffer.of(SIGN_REQUEST), sshString(wanted.identity), sshString(wanted.data), flags]
  const answer = await ask(socket, Buffer.concat(request))
  return read(answer, SIGN_RESPONSE, (reader) => {
    const signature = new SshReader(reader.string())
    signature.string()
    return signature.string()
  })
}

const read = <A>(answer: Buffer, type: number, take: (reader: SshReader) => A): A => {
  if (answer[0] !== type) throw new AgentUnavailable("refused")
  try {
    return take(new SshReader(answer.subarray(1)))
  } catch (error) {
    if (error instanceof Malformed) throw new AgentUnavailable("malformed")
    throw error
  }
}

/** One question, one connection. */
const ask = (path: string, message: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(path)
    let received = Buffer.alloc(0)
    const fail = (why: string) => {
      socket.destroy()
      reject(new AgentUnavailable(why))
    }
    socket.setTimeout(ANSWER_MS_MAX, () => fail("timeout"))
    socket.once("error", () => fail("unreachable")).once("close", () => fail("closed"))
    socket.on("data", (piece) => {
      received = Buffer.concat([received, piece])
      if (received.length < 4) return
      const length = received.readUInt32BE(0)
      if (length === 0 || length > MESSAGE_BYTES_MAX) return fail("malformed")
      if (received.length < 4 + length) return
      resolve(received.subarray(4, 4 + length))
      socket.destroy()
    })
    socket.write(sshString(message))
  })
