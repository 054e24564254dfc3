// AWS KMS, as far as its API reference (docs.aws.amazon.com/kms/latest/APIReference) is what we use of it: JSON 1.1 over HTTP.
import { type Answer, decrypt, encrypt, type KeyService, keyService } from "./key-service.ts"

export const KMS_ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

/** What the SDK is told so that it comes here. */
export const kmsClient = (endpoint: string) => ({
  endpoint,
  region: "eu-central-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI" }
})

const HEADERS = { "content-type": "application/x-amz-json-1.1" }

const ok = (body: object): Answer => ({ status: 200, body, headers: HEADERS })
const failing = (type: string): Answer => ({
  status: 400,
  body: { __type: type, message: "not for the logs" },
  headers: HEADERS
})
const bytes = (value: unknown) => Buffer.from(String(value ?? ""), "base64")

/** `key`: what DescribeKey tells of it. */
export const kmsServer = (key: { state: string; usage: string }) =>
  keyService({
    nameOf: ({ headers }) => String(headers["x-amz-target"]).replace("TrentService.", ""),
    busy: failing("ThrottlingException"),
    denied: failing("AccessDeniedException"),
    answer: ({ headers }, body, service) => {
      if (!headers.authorization?.startsWith("AWS4-HMAC-SHA256 ")) return failing("MissingAuthenticationTokenException")
      if (body["KeyId"] !== KMS_ARN && body["KeyId"] !== "alias/root") return failing("NotFoundException")
      switch (headers["x-amz-target"]) {
        case "TrentService.DescribeKey":
          return ok({
            KeyMetadata: {
              Arn: KMS_ARN,
              KeyId: KMS_ARN,
              KeyState: key.state,
              KeyUsage: key.usage,
              KeySpec: "SYMMETRIC_DEFAULT"
            }
          })
        case "TrentService.Encrypt":
          return encrypted(service, body)
        case "TrentService.Decrypt":
          return decrypted(service, body)
        default:
          return failing("UnknownOperationException")
      }
    }
  })

/** The encryption context in one order, as KMS authenticates it. */
const contextOf = (body: Record<string, unknown>): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(body["EncryptionContext"] ?? {}).sort()))

const encrypted = ({ versions }: KeyService, body: Record<string, unknown>): Answer => {
  const blob = encrypt(versions.at(-1)!, bytes(body["Plaintext"]), contextOf(body))
  return ok({
    KeyId: KMS_ARN,
    CiphertextBlob: Buffer.concat([Buffer.from([versions.length]), blob]).toString("base64")
  })
}

const decrypted = ({ versions }: KeyService, body: Record<string, unknown>): Answer => {
  const blob = bytes(body["CiphertextBlob"])
  const key = versions[(blob[0] ?? 0) - 1]
  const plaintext = key && blob.length > 28 && decrypt(key, blob.subarray(1), contextOf(body))
  return plaintext
    ? ok({ KeyId: KMS_ARN, Plaintext: plaintext.toString("base64") })
    : failing("InvalidCiphertextException")
}
