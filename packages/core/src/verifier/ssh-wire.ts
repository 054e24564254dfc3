// The binary forms of SSH: RFC 4251 §5. Whatever is cut short or has a rest is refused.

/** Bytes that are not what they should be. Says where, never what. */
export class Malformed extends Error {}

/** Reads one value after the other. */
export class SshReader {
  #at = 0
  readonly #bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes)
  }

  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new Malformed("cut short")
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  uint32(): number {
    return this.take(4).readUInt32BE()
  }

  string(): Buffer {
    return this.take(this.uint32())
  }

  text(): string {
    return this.string().toString("latin1")
  }

  /** A number that is not negative, without its leading zeros. */
  mpint(): Buffer {
    const bytes = this.string()
    if ((bytes[0] ?? 0) >= 0x80) throw new Malformed("a negative number")
    const first = bytes.findIndex((byte) => byte !== 0)
    return first < 0 ? Buffer.alloc(0) : bytes.subarray(first)
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Malformed("something behind the end")
  }
}

/** A string with its length before it. */
export const sshString = (bytes: Uint8Array | string): Buffer => {
  const content = Buffer.from(bytes as Uint8Array)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}
