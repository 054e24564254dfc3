// Files that are put on a target and fetched from it.
import { createHash, randomBytes } from "node:crypto"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Cause, Effect, Exit } from "effect"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { Executor } from "../src/executor.ts"
import { UPLOAD_BYTES_MAX } from "../src/index.ts"
import { sshExecutor } from "../src/ssh/index.ts"
import { runInTestHost, type TestRun } from "../src/testing/test-host.ts"
import { openSsh, ourServer, type RunningServer } from "./ssh-servers.ts"

// OpenSSH's sshd is not on every machine; the closing summary says how to install it.
describe.skipIf(!openSsh.isInstalled)(openSsh.name, () => suite(openSsh.start))
describe(ourServer.name, () => suite(ourServer.start))

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64")

const suite = (start: () => Promise<RunningServer>) => {
  let server: RunningServer
  let folder: string
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server?.stop())
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fluxcybers-files-"))
    return () => rmSync(folder, { recursive: true, force: true })
  })

  const withExecutor = <A>(use: (executor: Executor) => Effect.Effect<A, unknown>) =>
    Effect.runPromise(Effect.scoped(Effect.flatMap(sshExecutor(), use)))

  const run = (input: unknown, more: Partial<TestRun> = {}) =>
    withExecutor((executor) =>
      runInTestHost({ executor, input, target: server.target, secrets: server.secrets, ...more })
    ).then(({ exit, stdout, stderr, ...outcome }) => ({
      ...outcome,
      stdout: stdout.toString(),
      stderr: stderr.toString(),
      result: Exit.isSuccess(exit) ? exit.value.output : Cause.squash(exit.cause)
    }))

  const upload = (path: string, content: Uint8Array | string, more: object = {}) =>
    run({ upload: { path, content: base64(content), ...more } })

  describe("a file that is put there", () => {
    it("arrives byte by byte with its mode, and says its digest", async () => {
      const path = join(folder, "it's a 'file' ü\n$(id).conf")
      const content = randomBytes(300_000)
      const { result, stdout, plan } = await upload(path, content, { mode: "0640" })
      expect([result, stdout]).toEqual([{ exitCode: 0 }, `${sha256(content)}  ${path}\n`])
      expect(readFileSync(path).equals(content)).toBe(true)
      expect(statSync(path).mode & 0o7777).toBe(0o640)
      expect(plan).toMatchObject({
        command: { _tag: "Upload", path, mode: "0640", bytes: 300_000 },
        stdinDigest: sha256(content),
        access: "write"
      })
      expect(readdirSync(folder)).toHaveLength(1)
    })

    it("of no bytes and of the most that is allowed arrives too", async () => {
      for (const size of [0, UPLOAD_BYTES_MAX]) {
        const path = join(folder, `${size}`)
        expect((await upload(path, Buffer.alloc(size, "x"))).result).toEqual({ exitCode: 0 })
        expect(statSync(path)).toMatchObject({ size, mode: 0o100600 })
      }
    })

    it("has the secrets in the place of its placeholders, which the plan names, and no digest of it is told", async () => {
      const path = join(folder, "app.conf")
      const content = "user=@@USER@@ pass=@@PASS@@ again=@@PASS@@\n"
      const fill = { "@@USER@@": "db/user", "@@PASS@@": "db/password" }
      const input = { upload: { path, content: base64(content), fill } }
      const values = { "db/user": "app-@@PASS@@", "db/password": "canary-4711-value" }
      const { result, stdout, plan } = await run(input, { secrets: { ...server.secrets, ...values } })
      expect([result, stdout]).toEqual([{ exitCode: 0 }, ""])
      expect(readFileSync(path, "utf8")).toBe("user=app-@@PASS@@ pass=canary-4711-value again=canary-4711-value\n")
      expect(plan).toMatchObject({ command: { fill }, stdinDigest: sha256(Buffer.from(content)) })
      expect(plan.secrets.map(({ name }) => name)).toEqual(["db/password", "db/user", "ssh/test"])
      expect(JSON.stringify(plan)).not.toContain("canary-4711")
    })

    it.each([
      ["not in the file", { "@@OTHER@@": "db/password" }],
      ["part of another", { "@@USER@@": "db/user", "@@USER": "db/user" }],
      ["1 to 20 placeholders", {}],
      ["4 to 128 characters", { "@@": "db/user" }]
    ])("is not planned when a placeholder is %s", async (why, fill) => {
      const input = { upload: { path: "/tmp/a", content: base64("user=@@USER@@\n"), fill } }
      await expect(run(input)).rejects.toThrow(why)
    })

    it("takes the place of the old one at once: who has that open goes on reading it", async () => {
      const path = join(folder, "config")
      writeFileSync(path, "old", { mode: 0o644 })
      const inode = statSync(path).ino
      await upload(path, "new")
      expect([readFileSync(path, "utf8"), statSync(path).ino === inode]).toEqual(["new", false])
    })

    it("is refused where its folder is missing, and over a folder or a link, and everything is as it was", async () => {
      mkdirSync(join(folder, "there"))
      writeFileSync(join(folder, "real"), "old")
      symlinkSync(join(folder, "real"), join(folder, "link"))
      const cases = [
        ["missing/file", "no such folder"],
        ["there", "is a folder"],
        ["link", "symbolic link"]
      ] as const
      for (const [name, why] of cases) {
        const { result, stderr } = await upload(join(folder, name), "new")
        expect([result, stderr]).toEqual([{ exitCode: 1 }, expect.stringContaining(why)])
      }
      expect(readFileSync(join(folder, "real"), "utf8")).toBe("old")
      expect(readdirSync(folder).sort()).toEqual(["link", "real", "there"])
      expect(readdirSync(join(folder, "there"))).toEqual([])
    })

    it("whose way is cut in the middle leaves the old one, and nothing else", async () => {
      const path = join(folder, "config")
      writeFileSync(path, "old")
      const cut = Effect.promise(async () => {
        while (readdirSync(folder).length < 2) await new Promise((resolve) => setTimeout(resolve, 2))
        server.cutConnections()
      })
      const [{ result }] = await Promise.all([
        run({ upload: { path, content: base64(randomBytes(UPLOAD_BYTES_MAX)) } }),
        Effect.runPromise(cut)
      ])
      if (result instanceof Error) expect(result).toMatchObject({ reason: { _tag: "ConnectionLost" } })
      for (let tries = 0; readdirSync(folder).length > 1 && tries < 200; tries++)
        await new Promise((resolve) => setTimeout(resolve, 20))
      expect(readdirSync(folder)).toEqual(["config"])
      if (result instanceof Error) expect(statSync(path).size).toBeOneOf([3, UPLOAD_BYTES_MAX])
    })
  })

  describe("a file that is fetched", () => {
    it("arrives byte by byte, whatever it holds, and nothing of it in the transcript", async () => {
      const path = join(folder, "it's ü.bin")
      const secret = Object.values(server.secrets)[0]!
      const content = Buffer.concat([randomBytes(200_000), Buffer.from(secret), Buffer.from([0, 255, 10])])
      writeFileSync(path, content)
      const { result, file, stdout, stderr, plan } = await run({ download: { path } })
      expect([result, stdout, stderr]).toEqual([{ exitCode: 0 }, "", ""])
      expect(file.equals(content)).toBe(true)
      expect(plan).toMatchObject({ command: { _tag: "Download", path, bytesMax: 16 * 1024 * 1024 }, access: "read" })
    })

    it("of no bytes, and of exactly its limit, arrives; of one byte more, nothing does", async () => {
      for (const [size, bytesMax] of [
        [0, 1],
        [1_000, 1_000]
      ] as const) {
        writeFileSync(join(folder, "file"), Buffer.alloc(size, "x"))
        expect(await run({ download: { path: join(folder, "file"), bytesMax } })).toMatchObject({
          result: { exitCode: 0 },
          file: Buffer.alloc(size, "x")
        })
      }
      const { result, file, stderr } = await run({ download: { path: join(folder, "file"), bytesMax: 999 } })
      expect([result, file.length, stderr]).toEqual([
        { exitCode: 1 },
        0,
        expect.stringContaining("more than 999 bytes")
      ])
    })

    it("that is none is refused with the reason", async () => {
      const cases = [
        [join(folder, "missing"), "no such file"],
        [folder, "no regular file"],
        ["/dev/null", "no regular file"]
      ] as const
      for (const [path, why] of cases) {
        const { result, stderr } = await run({ download: { path } })
        expect([result, stderr]).toEqual([{ exitCode: 1 }, expect.stringContaining(why)])
      }
    })

    it("whose path names secret material is judged so", async () => {
      const path = join(folder, "id_ed25519")
      writeFileSync(path, "key")
      chmodSync(path, 0o600)
      expect((await run({ download: { path } })).plan.access).toBe("exfiltrate")
      expect(existsSync(path)).toBe(true)
    })
  })
}
