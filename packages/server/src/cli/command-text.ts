// What a plan runs, in one line.
import type { Plan } from "@fluxcybers/executor"
import { shellWord, shellWords } from "@fluxcybers/executor/view"

/** A command as its words; a script by the given word; a file with where it goes or comes from. */
export const commandText = (command: Plan["command"], ofScript: (script: string) => string): string => {
  switch (command._tag) {
    case "Argv":
      return shellWords(command.argv)
    case "Script":
      return ofScript(command.script)
    case "Upload":
      return `upload to ${shellWord(command.path)}`
    case "Download":
      return `download ${shellWord(command.path)}`
  }
}
