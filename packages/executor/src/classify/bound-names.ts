// Names of variables that a piece of code may set.
import { forEachChild, type SyntaxNode } from "unbash"

const BINDERS = /^(read|mapfile|readarray|getopts|export|declare|typeset|readonly|local|unset|let|printf|wait|coproc)$/
const NAME = /^[A-Za-z_]\w*/

/** Each name with whether all of its values are numbers: digits, or arithmetic. */
export const boundNames = (root: SyntaxNode): ReadonlyMap<string, boolean> => {
  const names = new Map<string, boolean>()
  const add = (name: string, isNumeric: boolean): void => {
    names.set(name, isNumeric && (names.get(name) ?? true))
  }
  const visit = (node: SyntaxNode): void => {
    if (node.type === "Assignment") add(node.name, isNumericValue(node))
    else if (node.type === "For" || node.type === "Select") add(node.name.value, false)
    else if (node.type === "ArithmeticUnary" || node.type === "ArithmeticBinary") {
      const target = node.type === "ArithmeticUnary" ? node.operand : node.left
      if (target.type === "ArithmeticWord" && NAME.test(target.value)) add(NAME.exec(target.value)?.[0] ?? "", true)
    } else if (node.type === "Command" && BINDERS.test(node.name?.value ?? "")) {
      for (const arg of node.args) {
        const name = arg.type === "Word" ? NAME.exec(arg.value)?.[0] : undefined
        if (name !== undefined) add(name, false)
      }
      add("REPLY", false)
      add("MAPFILE", false)
    }
    forEachChild(node, visit)
  }
  visit(root)
  return names
}

const isNumericValue = (node: Extract<SyntaxNode, { readonly type: "Assignment" }>): boolean => {
  if (node.append === true || node.index !== undefined || node.value.type !== "Word") return false
  const parts = node.value.parts
  if (parts === undefined) return /^\d+$/.test(node.value.value)
  return parts.length === 1 && parts[0]?.type === "ArithmeticExpansion" && !parts[0].text.includes("-")
}
