// The transit engine of OpenBao, as far as its documentation (openbao.org/api-docs/secret/transit) is what we use of it.
import { type Answer, decrypt, encrypt, type KeyService, keyService } from "./key-service.ts"

export const TRANSIT_TOKEN = "s.token-of-the-tests"
export const TRANSIT_KEY = "fluxcybers"

const failing = (status: number, ...errors: ReadonlyArray<string>): Answer => ({ status, body: { errors } })
const DENIED = failing(403, "permission denied")
const bytes = (value: unknown) => Buffer.from(String(value ?? ""), "base64")

/** `policy`: the oldest version that it still opens, and the key's type. */
export const transitServer = (policy: { minDecryptionVersion: number; type: string }) =>
  keyService({
    nameOf: ({ method, url }) => `${method} ${url}`,
    busy: failing(503, "Vault is sealed"),
    denied: DENIED,
    answer: ({ method, url, headers }, body, service) => {
      if (headers["x-vault-token"] !== TRANSIT_TOKEN) return DENIED
      switch (`${method} ${url}`) {
        case `GET /v1/transit/keys/${TRANSIT_KEY}`:
          return {
            status: 200,
            body: {
              data: { name: TRANSIT_KEY, type: policy.type, derived: false, latest_version: service.versions.length }
            }
          }
        case `POST /v1/transit/encrypt/${TRANSIT_KEY}`:
          return encrypted(service, body)
        case `POST /v1/transit/decrypt/${TRANSIT_KEY}`:
          return decrypted(service, body, policy.minDecryptionVersion)
        default:
          return failing(404)
      }
    }
  })

const encrypted = ({ versions }: KeyService, body: Record<string, unknown>): Answer => {
  const blob = encrypt(versions.at(-1)!, bytes(body["plaintext"]), bytes(body["associated_data"]))
  return { status: 200, body: { data: { ciphertext: `vault:v${versions.length}:${blob.toString("base64")}` } } }
}

const decrypted = ({ versions }: KeyService, body: Record<string, unknown>, minDecryptionVersion: number): Answer => {
  const [, version = "", blob = ""] = /^vault:v(\d+):(.+)$/.exec(String(body["ciphertext"])) ?? []
  if (Number(version) < minDecryptionVersion) {
    return failing(400, "ciphertext or signature version is disallowed by policy (too old)")
  }
  const key = versions[Number(version) - 1]
  const plaintext = key && decrypt(key, Buffer.from(blob, "base64"), bytes(body["associated_data"]))
  if (plaintext === undefined) return failing(400, "cipher: message authentication failed")
  return { status: 200, body: { data: { plaintext: plaintext.toString("base64") } } }
}
