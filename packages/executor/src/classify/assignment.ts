// Assignments. Before a command they are its environment, which can make a harmless program run anything.
import { type Argument, asPiece, join, UNKNOWN_TEXT } from "./argument.ts"
import { bind, forget, report, type Scope } from "./scope.ts"
import type { CommandSyntax } from "./syntax.ts"
import { readSingle, readWord } from "./word.ts"

type Assignment = Extract<CommandSyntax["prefix"][number], { readonly type: "Assignment" }>

/** Environment variables that change no program's effect, and the values that are taken for granted. */
const HARMLESS: ReadonlyArray<readonly [name: RegExp, value: RegExp]> = [
  [/^(LANG|LANGUAGE|LC_[A-Z]+)$/, /^[\w.@:-]*$/],
  [/^TZ$/, /^[\w+/:,-]*$/],
  [/^(COLUMNS|LINES|NO_COLOR|CLICOLOR|FORCE_COLOR|SYSTEMD_COLORS|SYSTEMD_LESS|GREP_COLORS?)$/, /^[\w;:=+-]*$/],
  [/^TERM$/, /^[\w+.-]*$/],
  [/^(PAGER|MANPAGER|GIT_PAGER|SYSTEMD_PAGER|AWS_PAGER|PSQL_PAGER)$/, /^(cat)?$/],
  [/^(DEBIAN_FRONTEND|S_TIME_FORMAT|ETCDCTL_API|S_COLORS|TIME_STYLE|BLOCK_?SIZE)$/, /^[\w+%:-]*$/],
  [/^(PGUSER|PGDATABASE|PGPORT|PGPASSWORD|PGHOST|PGCONNECT_TIMEOUT|PGTZ|MYSQL_PWD|REDISCLI_AUTH)$/, /^[^$`]*$/],
  [/^(AWS_PROFILE|AWS_REGION|AWS_DEFAULT_REGION|AWS_DEFAULT_OUTPUT)$/, /^[\w.-]*$/],
  [/^KUBECONFIG$/, /^(\/etc\/kubernetes\/[\w-]+\.conf|\/etc\/rancher\/(k3s|rke2)\/\w+\.yaml|~\/\.kube\/config)$/]
]

// Read by shells, the loader, pagers, editors, interpreters and clients: setting one may decide what runs or where data goes.
const SENSITIVE =
  /^(PATH|CDPATH|HOME|IFS|ENV|SHELLOPTS|PS[0-4]|PROMPT_.*|BASH.*|FPATH|ZDOTDIR|GLOBIGNORE|TMPDIR|TMP|TEMP|HISTFILE|OPTIND|POSIXLY_CORRECT|GCONV_PATH|LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS|TERMINFO.*|TERMCAP|GPG_.*|GNUPGHOME|LS_.*|TAR_.*|RSYNC_.*|ANSIBLE_.*|TF_.*|VAULT_.*|CONSUL_.*|NOMAD_.*|HELM_.*|KUBE.*|DOCKER_.*|CONTAINER.*|AWS_.*|GOOGLE_.*|CLOUDSDK_.*|AZURE_.*|SSL.*|CURL_.*|WGET.*|OPENSSL_.*|GIT_.*|SSH.*|LD_.*|DYLD_.*|PYTHON.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|NODE_.*|NPM_.*|JAVA.*|_JAVA.*|JDK_.*|CLASSPATH|GO.*|CARGO_.*|RUST.*|PHP.*|LUA_.*|LESS.*|MORE|MAN.*|PG.*|PSQL.*|MYSQL.*|SQLITE.*|REDISCLI.*|SYSTEMD_.*|SUDO_.*|XDG_.*|DBUS_.*|DISPLAY|.*(PAGER|EDITOR|VISUAL|BROWSER|PROXY|PRELOAD|_COMMAND|_CMD|_SHELL|OPTS|OPTIONS|CONFIG))$/i

/** Does a variable of that name decide what shells and programs do? */
export const isSensitiveName = (name: string): boolean => SENSITIVE.test(name)

/** Is an environment variable with that value without effect on what a program does? */
export const isHarmlessEnvironment = (name: string, value: Argument): boolean =>
  value.literal !== undefined &&
  HARMLESS.some(([names, values]) => names.test(name) && values.test(value.literal ?? ""))

/** An assignment before a command. */
export const judgeEnvironment = (assignment: Assignment, program: string | undefined, scope: Scope): void => {
  const value = readValue(assignment, scope)
  const isSplitter = assignment.name === "IFS" && (program === "read" || program === "mapfile")
  if (isSplitter && value?.literal !== undefined) return
  if (value !== undefined && isHarmlessEnvironment(assignment.name, value)) return
  const range = scope.place(assignment.pos, assignment.end)
  report(
    scope,
    range,
    "unknown",
    `sets ${assignment.name} for the command, and the classifier does not know what follows`
  )
}

/** An assignment of its own: what is known about the variable from here on. */
export const judgeAssignment = (assignment: Assignment, scope: Scope): Scope => {
  const value = readValue(assignment, scope)
  const range = scope.place(assignment.pos, assignment.end)
  const isHarmless = value !== undefined && isHarmlessEnvironment(assignment.name, value)
  if (isSensitiveName(assignment.name) && !isHarmless) report(scope, range, "unknown", `sets ${assignment.name}`)
  else report(scope, range, "read", `sets the shell's variable ${assignment.name}`)
  if (value === undefined || assignment.append === true) return forget(scope, [assignment.name])
  return bind(scope, assignment.name, { ...value, range, verbatimAt: undefined })
}

/** An assignment among the words of `export`, `declare` and the like, as the word that the builtin gets. */
export const readAssignmentWord = (assignment: Assignment, scope: Scope): Argument => {
  const value = readValue(assignment, scope)
  const name = { text: `${assignment.name}${assignment.append === true ? "+" : ""}=` }
  return join([name, value === undefined ? UNKNOWN_TEXT : asPiece(value)], scope.place(assignment.pos, assignment.end))
}

const readValue = (assignment: Assignment, scope: Scope): Argument | undefined => {
  const range = scope.place(assignment.pos, assignment.end)
  if (assignment.index !== undefined) {
    readSingle(assignment.index, scope)
    if (!/^\d+$/.test(assignment.index.text)) {
      report(scope, range, "unknown", "a subscript, which is evaluated as arithmetic")
    }
  }
  if (assignment.value.type === "ArrayValue") {
    for (const element of assignment.value.elements) {
      readWord(element, scope)
      if (element.text.startsWith("[")) report(scope, range, "unknown", "a subscript, which is evaluated as arithmetic")
    }
    return undefined
  }
  const value = readSingle(assignment.value, scope)
  if (assignment.index !== undefined) return undefined
  // Nothing splits an assigned value; only later uses do.
  return value.literal === undefined && value.spread !== "one" ? join([UNKNOWN_TEXT], range) : value
}
