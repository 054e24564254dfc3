import { execFileSync, spawn } from "node:child_process"
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { openDataDirectory } from "../src/data/data-directory.ts"

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "fluxcybers-directory-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const modeOf = (path: string) => statSync(path).mode & 0o777

describe("the data directory", () => {
  it.effect("is made with mode 0700, and keeps its node id", () =>
    Effect.gen(function* () {
      const path = join(yield* temporary, "a", "b")
      const first = yield* Effect.scoped(openDataDirectory(path))
      const second = yield* Effect.scoped(openDataDirectory(path))
      expect(modeOf(path)).toBe(0o700)
      expect(modeOf(join(path, "node-id"))).toBe(0o600)
      expect(first.nodeId).toMatch(/^node-[0-9a-f-]{36}$/)
      expect(second.nodeId).toBe(first.nodeId)
    })
  )

  it.effect("is refused while others may read it, with the command that closes it", () =>
    Effect.gen(function* () {
      const path = yield* temporary
      chmodSync(path, 0o750)
      const error = yield* Effect.flip(Effect.scoped(openDataDirectory(path)))
      expect(error.reason).toBe("too-open")
      expect(error.message).toContain(`has mode 0750`)
      expect(error.message).toContain(`chmod 700 ${path}`)
    })
  )

  it.effect("is refused to a second server in the same process", () =>
    Effect.gen(function* () {
      const path = yield* temporary
      yield* openDataDirectory(path)
      const error = yield* Effect.flip(Effect.scoped(openDataDirectory(path)))
      expect(error.reason).toBe("in-use")
      expect(error.message).toContain(`process ${process.pid}`)
    })
  )

  it.effect("is refused to a second process, and free again after kill -9", () =>
    Effect.gen(function* () {
      const path = yield* temporary
      const holder = spawn(
        process.execPath,
        ["--conditions=@fluxcybers/source", "--input-type=module", "-e", HOLD, path],
        {
          stdio: ["ignore", "pipe", "inherit"],
          cwd: import.meta.dirname
        }
      )
      yield* Effect.promise(() => new Promise((resolve) => holder.stdout.once("data", resolve)))
      const error = yield* Effect.flip(Effect.scoped(openDataDirectory(path)))
      expect(error.message).toContain(`process ${holder.pid}`)
      const gone = new Promise((resolve) => holder.once("exit", resolve))
      holder.kill("SIGKILL")
      yield* Effect.promise(() => gone)
      yield* Effect.scoped(openDataDirectory(path))
      expect(readFileSync(join(path, "server.pid"), "utf8").trim()).toBe(String(process.pid))
    })
  )

  it.effect("is refused when it is a file", () =>
    Effect.gen(function* () {
      const path = join(yield* temporary, "file")
      writeFileSync(path, "")
      const error = yield* Effect.flip(Effect.scoped(openDataDirectory(path)))
      expect(error.reason).toBe("not-a-directory")
    })
  )

  it.effect("is refused on a read-only disk, with advice", () =>
    Effect.gen(function* () {
      const path = yield* readOnlyDisk
      const error = yield* Effect.flip(Effect.scoped(openDataDirectory(path)))
      expect(error.reason).toBe("not-writable")
      expect(error.message).toContain("Make it writable")
    })
  )
})

const HOLD = `
  import { Effect } from "effect"
  import { openDataDirectory } from "../src/data/data-directory.ts"
  setInterval(() => {}, 1_000)
  Effect.runPromise(Effect.scoped(Effect.andThen(openDataDirectory(process.argv[1]), Effect.andThen(Effect.sync(() => console.log("held")), Effect.never))))
`

/** Root writes to every folder whatever its mode: for root it is a read-only mount, where mounting is allowed; otherwise the mode. */
const readOnlyDisk = Effect.gen(function* () {
  const path = yield* temporary
  if (process.getuid?.() === 0) {
    execFileSync("mount", ["-t", "tmpfs", "-o", "ro,mode=0700,size=64k", "tmpfs", path])
    yield* Effect.addFinalizer(() => Effect.sync(() => execFileSync("umount", [path])))
  } else {
    chmodSync(path, 0o500)
  }
  return path
})
