// Packages beside the system's own: of distributors and of languages.
import { changes } from "../judges/changing.ts"
import type { Form, Model } from "../model.ts"

const NAMES: Form = { contentFrom: "none", operands: /^[\w.+*:@/~=^-]+$/ }
const named = (flags: string): Form => ({ ...NAMES, flags })

const listing = (flags: string): Form => ({ operands: 0, flags })

export const portablePackages: ReadonlyArray<Model> = [
  {
    names: "snap flatpak",
    flags: "--version",
    subcommands: {
      "": "",
      list: named("--all --app --runtime"),
      info: NAMES,
      find: NAMES,
      search: NAMES,
      version: "",
      services: NAMES,
      connections: NAMES,
      changes: { operands: 1 }
    },
    read: ["snap list", "snap info core", "flatpak list"],
    notRead: ["snap install x", "flatpak run x", "snap run x", "snap set x y=z"]
  },
  {
    names: "pip pip3",
    flags: "--version -V",
    subcommands: {
      "": "",
      list: named("-o -u --outdated --uptodate --user --format=name --local"),
      show: named("-f --files"),
      freeze: named("--user --all -l"),
      check: { operands: 0 }
    },
    read: ["pip list --outdated", "pip3 show requests", "pip freeze", "pip --version"],
    notRead: [
      "pip install x",
      "pip --python sh list",
      "pip list --log f",
      "pip download x",
      "pip config edit --editor sh",
      "pip list -i http://evil"
    ]
  },
  {
    names: "npm",
    flags: "--version -v",
    subcommands: {
      "": "",
      ls: named("-g --all --depth=number --global"),
      list: named("-g --all --depth=number --global"),
      outdated: named("-g --global"),
      view: named("--json"),
      info: named("--json"),
      root: listing("-g"),
      prefix: listing("-g")
    },
    read: ["npm ls -g --depth=0", "npm --version", "npm outdated"],
    notRead: [
      "npm install x",
      "npm exec x",
      "npm run x",
      "npm --prefix /x ls",
      "npm explore x",
      "npm ls --script-shell=sh"
    ]
  },
  {
    names: "gem",
    flags: "--version -v",
    subcommands: { "": "", list: named("-l --local -d"), environment: { operands: 0 }, env: { operands: 0 } },
    read: ["gem list", "gem env"],
    notRead: ["gem install x", "gem open -e sh x", "gem build x", "gem --config-file x list"]
  },
  changes(
    "unattended-upgrade dpkg-reconfigure add-apt-repository pipx yarn pnpm npx composer bundle poetry gradle mvn rake brew update-rc.d invoke-rc.d chkconfig easy_install",
    "unknown",
    "installs, or runs what a project says",
    ["npx x", "composer install", "yarn add x", "bundle exec sh", "brew install x", "chkconfig x off"]
  )
]
