// Programs of which a few whole calls are known to read.
import { type Judge, type Model } from "../model.ts"

/** Reads when the arguments, joined by spaces, are of this shape, which must not admit a space inside of a value. */
export const lines = (
  names: string,
  shape: RegExp,
  read: ReadonlyArray<string>,
  notRead: ReadonlyArray<string>
): Model => ({ names, judge: ofShape(shape), read, notRead })

const ofShape =
  (shape: RegExp): Judge =>
  ({ name, args }) =>
    args.every((arg) => arg.literal !== undefined && !arg.literal.includes(" ")) &&
    shape.test(args.map((arg) => arg.literal).join(" "))
      ? { class: "read", why: `${name} only shows, called like this` }
      : { class: "unknown", why: `${name} is not known to read, called like this` }
