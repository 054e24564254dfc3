// Compiles the list of flags in a model.
import type { Access } from "../plan.ts"
import type { Argument } from "./argument.ts"
import type { Form } from "./model.ts"

export interface OptionRule {
  readonly value: "none" | "required" | "optional"
  readonly takes: (value: Argument) => boolean
  /** The value may begin with a dash. */
  readonly isDashed: boolean
  readonly denied: Access | undefined
}

export interface OptionTable {
  readonly rules: ReadonlyMap<string, OptionRule>
  readonly hasNumbers: boolean
}

const TYPES: Readonly<Record<string, RegExp>> = {
  number: /^[+-]?\d+(\.\d+)?[a-zA-Z%]{0,3}$/,
  name: /^[A-Za-z0-9_][\w.@:,/+%=-]*$/,
  word: /^[\w.,-]+$/
}

const compiled = new WeakMap<Form, Map<string, OptionTable>>()

/** The options of a form, with those that it inherits. */
export const optionTable = (form: Form, inherited = ""): OptionTable => {
  const tables = compiled.get(form) ?? new Map<string, OptionTable>()
  const known = tables.get(inherited)
  if (known !== undefined) return known
  const rules = new Map<string, OptionRule>()
  const common = form.style === "whole" || form.subcommands !== undefined ? "" : "--help --version"
  const tokens = `${common} ${inherited} ${form.flags ?? ""}`.split(/\s+/).filter((token) => token !== "")
  for (const token of tokens) addToken(rules, token, form.style === "whole")
  const table = { rules, hasNumbers: tokens.includes("-#") }
  compiled.set(form, tables.set(inherited, table))
  return table
}

const addToken = (rules: Map<string, OptionRule>, token: string, isWhole: boolean): void => {
  const [, listed = "", denied] = /^(.*?)(?:!(\w+))?$/.exec(token) ?? []
  const valued = /^(--?[^\s:=?]+?)(?:([:=?])(.*))?$/.exec(listed)
  if (valued === null || listed === "-#") return
  const [, name = "", mark, type = ""] = valued
  const rule: OptionRule = {
    value: mark === undefined ? "none" : mark === "?" ? "optional" : "required",
    takes: valueTest(type),
    isDashed: type === "dash" || type === "number",
    denied: denied as Access | undefined
  }
  const isCluster = !isWhole && !name.startsWith("--") && mark === undefined
  for (const key of isCluster ? [...name.slice(1)].map((letter) => `-${letter}`) : [name]) rules.set(key, rule)
}

const valueTest = (type: string): ((value: Argument) => boolean) => {
  if (type === "" || type === "dash") return () => true
  const shape = type.includes("|") ? new RegExp(`^(${type.split("|").map(escaped).join("|")})$`) : TYPES[type]
  if (shape === undefined) throw new Error(`No type of value is called ${type}.`)
  return (value) =>
    value.literal === undefined
      ? type === "number" && value.isDigits && value.spread === "one"
      : shape.test(value.literal)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()[\]\\]/g, "\\$&")
