// A revealed value as plain JavaScript: it shows itself only where somebody asks for it.
import { inspect } from "node:util"

const HIDDEN = "<redacted>"

/** A secret's value. Printing, logging or serialising it gives `<redacted>`. */
export class SecretValue {
  /** Which version it is. */
  readonly version: number
  readonly #bytes: Uint8Array

  constructor(version: number, bytes: Uint8Array) {
    this.version = version
    this.#bytes = bytes
  }

  /** The value itself. */
  bytes(): Uint8Array {
    return this.#bytes
  }

  /** The value as UTF-8. */
  text(): string {
    return Buffer.from(this.#bytes).toString("utf8")
  }

  /** Overwrites the value in memory. Texts that were made of it stay until they are collected. */
  wipe(): void {
    this.#bytes.fill(0)
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}
