// The class of a command with everything that a plan gives it besides its words: environment, standard input, directory.
import { literalArgument } from "./classify/argument.ts"
import { isHarmlessEnvironment } from "./classify/assignment.ts"
import { type Classification, classify, classifyArgv } from "./classify/index.ts"
import { contentOf } from "./classify/secret-material.ts"
import type { CommandInput } from "./command-input.ts"

/** What a command would do, and why that class: the reason of the first part that has it. */
export interface CommandAccess {
  readonly access: Classification["class"]
  readonly why: string
}

export const commandAccess = (input: CommandInput): CommandAccess => {
  const { class: access, parts } = "argv" in input ? classifyArgv(input.argv) : classify(input.script)
  if (access === "read") {
    const doubt = doubtAbout(input)
    if (doubt !== undefined) return { access: "unknown", why: doubt }
  }
  return { access, why: parts.find((part) => part.class === access)?.why ?? "it is not understood" }
}

const NOWHERE = [0, 0] as const

/** What makes a command that would only read uncertain. */
const doubtAbout = ({ env = {}, secretEnv = {}, stdin, cwd }: CommandInput): string | undefined => {
  const variable =
    Object.entries(env).find(([name, value]) => !isHarmlessEnvironment(name, literalArgument(value, NOWHERE)))?.[0] ??
    Object.keys(secretEnv)[0]
  if (variable !== undefined) return `the variable ${variable} may change what the program does`
  if (stdin !== undefined) return "standard input may hold instructions"
  const content = cwd === undefined ? undefined : contentOf(literalArgument(`${cwd}/`, NOWHERE))
  return content === undefined ? undefined : "its directory holds secrets"
}
