// The models of all families.
import type { Model } from "../model.ts"
import { builtins } from "./builtins.ts"
import { clouds } from "./cloud.ts"
import { clusters } from "./clusters.ts"
import { containers } from "./containers.ts"
import { crypto } from "./crypto.ts"
import { databases } from "./databases.ts"
import { disks } from "./disks.ts"
import { files } from "./files.ts"
import { git } from "./git.ts"
import { hardware } from "./hardware.ts"
import { hosts } from "./hosts.ts"
import { kernel } from "./kernel.ts"
import { logs } from "./logs.ts"
import { network } from "./network.ts"
import { packages } from "./packages.ts"
import { pages } from "./pages.ts"
import { portablePackages } from "./portable-packages.ts"
import { processes } from "./processes.ts"
import { queues } from "./queues.ts"
import { remote } from "./remote.ts"
import { runtimes } from "./runtimes.ts"
import { shells } from "./shells.ts"
import { system } from "./system.ts"
import { text } from "./text.ts"
import { users } from "./users.ts"
import { volumes } from "./volumes.ts"
import { web } from "./web.ts"

export const models: ReadonlyArray<Model> = [
  ...files,
  ...text,
  ...system,
  ...processes,
  ...logs,
  ...network,
  ...packages,
  ...containers,
  ...clusters,
  ...git,
  ...databases,
  ...users,
  ...disks,
  ...crypto,
  ...web,
  ...clouds,
  ...runtimes,
  ...shells,
  ...kernel,
  ...hardware,
  ...hosts,
  ...remote,
  ...portablePackages,
  ...builtins,
  ...volumes,
  ...queues,
  ...pages
]
