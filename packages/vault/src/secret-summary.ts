// What is told of a secret.

/** A secret without its value. */
export interface SecretSummary {
  readonly name: string
  /** The version that a reveal gives; versions count from 1. */
  readonly version: number
  readonly createdAt: string
  readonly rotatedAt?: string
  readonly expiresAt?: string
  readonly lastRevealedAt?: string
}
