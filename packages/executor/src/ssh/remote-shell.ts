// What is said to the shell on the other side. Pure: text in, text out.
//
// The account's login shell gets one constant line, which every shell reads the same (sh, bash, zsh, fish, csh: no backslash that
// they disagree about, no single quote, no line break, no history mark). That line starts /bin/sh, which reads one line from standard
// input and evaluates it. So nothing of a command stands in the argument list of a process, where everybody on the host could read it;
// and a connection that breaks before that line is complete has started nothing. What follows on standard input is the command's own.
import type { Plan } from "../plan.ts"
import { quoteWord } from "../shell-quote.ts"

/** Shells read a line byte by byte; what is longer goes in a block, at the price of one more process. */
const LINE_BYTES_MAX = 2_048

/** What a group gets to end itself after TERM, in tenths of a second. */
const TERM_GRACE_TENTHS = 50
const KILL_GRACE_TENTHS = 10

const READ = 'IFS= read -r _fx && eval "$_fx"'

/**
 * Starts a shell that waits for its program. sshd makes each command the leader of a session; where a server does not, setsid(1) does,
 * if there is one, so that the command and its children can be stopped as a group.
 */
export const BOOTSTRAP =
  "exec /bin/sh -c '" +
  "read -r _fx _fx _fx _fx _fg _fx 2>/dev/null </proc/self/stat; " +
  `[ "\${_fg:-$$}" = $$ ] || { command -v setsid >/dev/null && exec setsid /bin/sh -c "${READ.replace(/["$]/g, "\\$&")}"; }; ` +
  `${READ}'`

/**
 * The same for a login shell that is known to be a POSIX shell and the leader of its session: it saves starting another shell, a fifth of
 * the time of a short command. Not for scripts, which are written for /bin/sh.
 */
export const DIRECT_BOOTSTRAP = READ

/** Shells whose `read`, `eval`, `export`, `command -v` and `exec` do what POSIX says. */
const POSIX_SHELL = /(^|\/)(sh|bash|dash|ash)$/

export interface RemoteCommand {
  readonly command: Extract<Plan["command"], { readonly _tag: "Argv" | "Script" }>
  readonly cwd: string | undefined
  /** Plain and secret variables together. */
  readonly env: ReadonlyArray<readonly [name: string, value: string]>
  /** Marks the first line of what the shell answers; nobody can guess it. */
  readonly nonce: string
}

/** What is sent on standard input: the program for the waiting shell, in a line or in a block that a line announces. */
export const shellInput = (remote: RemoteCommand): Buffer => programInput(shellProgram(remote), remote.nonce)

/** The same for any program. */
export const programInput = (program: string, nonce: string): Buffer => {
  if (Buffer.byteLength(program) <= LINE_BYTES_MAX && !program.includes("\n")) return Buffer.from(`${program}\n`)
  // The end of the block proves that it arrived whole; command substitution cuts line breaks at the end, so it ends with none.
  const end = `#${nonce}`
  const block = Buffer.from(program + end)
  const load = `_fx=$(head -c ${block.length}) && case $_fx in *${end}) eval "\${_fx%${end}}" ;; *) exit 1 ;; esac\n`
  return Buffer.concat([Buffer.from(load), block])
}

const shellProgram = ({ command, cwd, env, nonce }: RemoteCommand): string => {
  const started = `echo ${nonce} $$ "\${_fg-}" "\${SHELL-}"`
  const refuse = (what: Refusal) => `{ echo ${nonce} ${what}; exit 127; }`
  return [
    ...(cwd === undefined ? [] : [`cd -- ${quoteWord(cwd)} >/dev/null 2>&1 || ${refuse("no-folder")}`]),
    ...env.map(([name, value]) => `export ${name}=${quoteWord(value)}`),
    ...(command._tag === "Argv"
      ? [
          `command -v ${quoteWord(command.argv[0])} >/dev/null 2>&1 || ${refuse("no-program")}`,
          started,
          `exec ${command.argv.map(quoteWord).join(" ")}`
        ]
      : [started, "unset _fx _fg", `eval ${quoteWord(command.script)}`])
  ].join("; ")
}

export type Refusal = "no-folder" | "no-program"

/** The answer to the program: the process that leads the command's group, or why it was not started. */
export type Header =
  | {
      readonly _tag: "Started"
      readonly pid: number
      /** Would `DIRECT_BOOTSTRAP` do for this account? */
      readonly isDirectPossible: boolean
    }
  | { readonly _tag: "Refused"; readonly why: Refusal }

/** Finds the header; `undefined` while it is not complete. What login scripts printed before it is not the command's and is dropped. */
export const parseHeader = (
  output: Buffer,
  nonce: string
): { readonly header: Header; readonly rest: Buffer } | undefined => {
  const start = output.indexOf(`${nonce} `)
  const end = start < 0 ? -1 : output.indexOf("\n", start)
  if (end < 0) return undefined
  const header = headerFrom(output.toString("latin1", start + nonce.length + 1, end))
  return header === undefined ? undefined : { header, rest: output.subarray(end + 1) }
}

const headerFrom = (answer: string): Header | undefined => {
  if (answer === "no-folder" || answer === "no-program") return { _tag: "Refused", why: answer }
  const [, pid, group, shell = ""] = /^([1-9]\d*) (\d*) (.*)$/.exec(answer) ?? []
  if (pid === undefined) return undefined
  return { _tag: "Started", pid: Number(pid), isDirectPossible: group === pid && POSIX_SHELL.test(shell) }
}

/**
 * Ends a group: TERM, after 5 seconds KILL for what is left. Exit status 0 when nothing of it is alive. A zombie does not count,
 * since where nobody reaps orphans (containers) it stays for ever. Without /proc the word of `kill -0` is taken.
 */
export const stopCommand = (pid: number, termGraceTenths = TERM_GRACE_TENTHS): string => {
  // proc(5): `pid (name) state ppid pgrp …`, where the name may hold anything.
  const scan =
    `for s in /proc/[0-9]*/stat; do read -r l 2>/dev/null <$s || continue; set -- \${l##*) }; ` +
    `[ "$3" = ${pid} ] || [ "\${l%% *}" = ${pid} ] || continue; [ "$1" = Z ] || return 0; done; return 1`
  const isAlive = `alive() { [ -r /proc/self/stat ] || { kill -0 $t 2>/dev/null; return; }; ${scan}; }`
  const wait = `sleep 0.1 2>/dev/null || { sleep 1; i=$((i+9)); }; i=$((i+1))`
  const isGone = `gone() { i=0; while alive; do [ $i -ge $1 ] && return 1; ${wait}; done; }`
  const group = `t=-${pid}; kill -0 $t 2>/dev/null || t=${pid}`
  const end = `kill -TERM $t 2>/dev/null; gone ${termGraceTenths} || { kill -KILL $t 2>/dev/null; gone ${KILL_GRACE_TENTHS}; }`
  return `exec /bin/sh -c '${isAlive}; ${isGone}; ${group}; ${end}'`
}
