// Random nonces from a pool, because asking the system for 24 bytes at a time costs twenty times as much. What was taken is wiped.
import { randomFillSync } from "node:crypto"

const POOL_BYTES = 16 * 1024
/** Empty until first use: a heap snapshot taken at start-up must not carry nonces that two processes would both use. */
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES

/** Fills `target` (at most 16 KiB) with fresh random bytes. */
export const fillNonce = (target: Uint8Array): void => {
  if (used + target.length > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  for (let i = 0; i < target.length; i++) {
    target[i] = pool[used]!
    pool[used++] = 0
  }
}

/**
 * Throws away the pooled randomness. Call it after this process was cloned (a restored virtual machine, a checkpointed container): two
 * copies of one pool would seal different messages with the same key and nonce.
 */
export const reseed = (): void => {
  pool.fill(0)
  used = POOL_BYTES
}
