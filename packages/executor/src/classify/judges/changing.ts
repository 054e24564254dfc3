// Programs that change something whatever their arguments are.
import type { Access } from "../../plan.ts"
import { type Judge, type Model, reads } from "../model.ts"

const SELF_DESCRIPTION = /^--(help|version)$/

/** Always of that class, except for `--help` or `--version` as the only argument. */
const changing =
  (access: Access, why: string): Judge =>
  ({ args, name }) =>
    args.length === 1 && SELF_DESCRIPTION.test(args[0]?.literal ?? "")
      ? reads(`${name} prints how it is used, or its version`)
      : { class: access, why: `${name} ${why}` }

/** A model of programs of which no call but `--help` and `--version` reads. */
export const changes = (names: string, access: Access, why: string, notRead: ReadonlyArray<string>): Model => ({
  names,
  judge: changing(access, why),
  read: names.split(" ").map((name) => `${name} --help`),
  notRead
})

/** Of that class whatever the arguments are, `--help` too: programs that may take it for something else. */
export const always = (names: string, access: Access, why: string, notRead: ReadonlyArray<string>): Model => ({
  names,
  judge: ({ name }) => ({ class: access, why: `${name} ${why}` }),
  read: [],
  notRead
})
