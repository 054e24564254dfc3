// What can be refused about a target, in sentences.
import { Schema } from "effect"
import { tagsOf } from "./selectors.ts"

/** What was refused about which target. Nothing was changed. */
export class TargetError extends Schema.TaggedError<TargetError>()("TargetError", {
  target: Schema.String,
  reason: Schema.Literals(["unknown", "exists", "invalid", "in-use"]),
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

export const invalid = (target: string, detail: string) => new TargetError({ target, reason: "invalid", detail })

export const inUse = (target: string, user: string) =>
  new TargetError({
    target,
    reason: "in-use",
    detail: `"${user}" is reached through "${target}". Nothing was changed. Change or remove "${user}" first.`
  })

export const exists = (name: string) =>
  new TargetError({
    target: name,
    reason: "exists",
    detail: `There is already a target "${name}". Nothing was changed. Choose another name, or change that target.`
  })

export const unknown = (target: string) =>
  new TargetError({
    target,
    reason: "unknown",
    detail: `There is no target "${target}". Nothing was changed. List them with "target list".`
  })

export const untagged = (selector: string) =>
  new TargetError({
    target: selector,
    reason: "unknown",
    detail: `No target has the ${selector.includes("+") ? "tags" : "tag"} ${tagsOf(selector).join(" and ")}. List them with "target list".`
  })
