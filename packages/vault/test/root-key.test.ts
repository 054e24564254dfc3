import { join } from "node:path"
import { Effect, Redacted } from "effect"
import { rootKeyAwsKmsLayer } from "../src/aws-kms.ts"
import { rootKeyFileLayer, rootKeyPassphraseLayer, rootKeyTransitLayer } from "../src/index.ts"
import { KMS_ARN, kmsClient, kmsServer } from "./kms-server.ts"
import { rootKeySuite } from "./root-key-suite.ts"
import { TRANSIT_KEY, TRANSIT_TOKEN, transitServer } from "./transit-server.ts"
import { temporaryFolder } from "./vault-testing.ts"

rootKeySuite({
  provider: "file",
  fresh: Effect.map(temporaryFolder, (folder) =>
    rootKeyFileLayer({ path: join(folder, "root.key"), createIfMissing: true })
  )
})

rootKeySuite({
  provider: "passphrase",
  fresh: Effect.map(temporaryFolder, (folder) =>
    rootKeyPassphraseLayer({
      path: join(folder, "passphrase.json"),
      passphrase: Redacted.make("correct horse battery staple"),
      createIfMissing: true
    })
  )
})

rootKeySuite({
  provider: "aws-kms",
  fresh: Effect.map(kmsServer({ state: "Enabled", usage: "ENCRYPT_DECRYPT" }), ({ url }) =>
    rootKeyAwsKmsLayer({ keyId: KMS_ARN, client: kmsClient(url) })
  )
})

rootKeySuite({
  provider: "transit",
  fresh: Effect.map(transitServer({ minDecryptionVersion: 1, type: "aes256-gcm96" }), ({ url }) =>
    rootKeyTransitLayer({ address: url, key: TRANSIT_KEY, token: Redacted.make(TRANSIT_TOKEN) })
  )
})
