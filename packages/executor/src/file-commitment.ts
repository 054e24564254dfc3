// What the log says of a file that was fetched.
import { createHash } from "node:crypto"

/**
 * SHA-256 (hex) of the plan's nonce and the file's SHA-256, both in hex, one behind the other. Whoever has the plan and the file can prove
 * which file it was; once the plan is erased, nobody can find out by guessing what the file held.
 */
export const fileCommitment = (nonce: string, digest: string): string =>
  createHash("sha256").update(nonce).update(digest).digest("hex")
