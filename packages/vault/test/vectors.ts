// Reads the vectors of docs/spec/vectors.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"

const FOLDER = join(import.meta.dirname, "../../../docs/spec/vectors")

export const readVectors = <A, I>(name: string, schema: Schema.Codec<A, I>): A =>
  Schema.decodeUnknownSync(schema)(JSON.parse(readFileSync(join(FOLDER, name), "utf8")))

/** Bytes written as hexadecimal. */
export const hex = (text: string): Buffer => Buffer.from(text, "hex")
