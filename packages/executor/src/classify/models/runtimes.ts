// Languages, compilers and build tools: only what says which version is there.
import { always } from "../judges/changing.ts"
import type { Judge, Model } from "../model.ts"

/** Reads when the arguments, joined by spaces, are one of those listed. */
const exactly =
  (known: Readonly<Record<string, RegExp>>): Judge =>
  ({ name, args }) =>
    known[name]?.test(args.map((arg) => arg.literal ?? "\0").join(" ")) === true
      ? { class: "read", why: `${name} says what it is` }
      : { class: "unknown", why: `${name} runs code` }

const VERSIONS: Readonly<Record<string, RegExp>> = {
  python: /^(--version|-V|-VV)$/,
  python2: /^(--version|-V)$/,
  python3: /^(--version|-V|-VV)$/,
  node: /^(--version|-v)$/,
  nodejs: /^(--version|-v)$/,
  deno: /^--version$/,
  bun: /^--version$/,
  ruby: /^(--version|-v)$/,
  perl: /^(--version|-v)$/,
  php: /^(--version|-v|-m|-i|--ini)$/,
  java: /^(-version|--version)$/,
  javac: /^(-version|--version)$/,
  go: /^(version|env GOPATH|env)$/,
  rustc: /^(--version|-V|-vV)$/,
  cargo: /^(--version|-V)$/,
  gcc: /^(--version|-v|-dumpversion|-dumpmachine)$/,
  "g++": /^(--version|-v)$/,
  cc: /^--version$/,
  clang: /^(--version|-v)$/,
  make: /^--version$/,
  cmake: /^--version$/,
  lua: /^-v$/,
  dotnet: /^(--version|--info|--list-sdks|--list-runtimes)$/,
  erl: /^-version$/,
  scala: /^-version$/,
  R: /^--version$/,
  julia: /^--version$/,
  ocaml: /^-version$/,
  ld: /^(--version|-v)$/,
  jps: /^(-l|-lv|-v|-m)?$/,
  jstat: /^-(gc|gcutil|class) \d+( \d+){0,2}$/
}

export const runtimes: ReadonlyArray<Model> = [
  {
    names: Object.keys(VERSIONS).join(" "),
    judge: exactly(VERSIONS),
    read: [
      "python3 --version",
      "node -v",
      "java -version",
      "go version",
      "php -m",
      "gcc --version",
      "jstat -gc 123 1000 5"
    ],
    notRead: [
      "python3 -c 'import os'",
      "python3 x.py",
      "node -e 1",
      "perl -e 1",
      "ruby x",
      "php -r 1",
      "java -jar x",
      "make",
      "gcc -wrapper sh,-c,id .",
      "go run x",
      "perl -v -e 1",
      "python3",
      "python3 --version $X",
      "make -f x --version",
      "cc -B/tmp/x --version x.c",
      "lua -e 'os.execute(1)'"
    ]
  },
  always(
    "bc dc tclsh expect wish irb ghci as nasm ts-node tsx busctl dbus-send gdbus emacsclient jjs jrunscript octave",
    "unknown",
    "runs code",
    ["bc", "dc -e '!id'", "expect x", "tclsh x", "busctl call x", "dbus-send x"]
  )
]
