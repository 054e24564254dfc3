// The witness as a program: real HTTP, two logs, killed between and during requests.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { type AuditEntryId, AuditLog, type NoteSigner, verifyProof } from "@fluxcybers/core"
import { Effect, Result, Stream } from "effect"
import { afterAll, describe, expect } from "vitest"
import { logId } from "../src/witness/witness-state.ts"
import { person } from "./cli-process.ts"
import { named, newKey, onLog, runWitness, witnessed, write } from "./witnessed-log.ts"

const folder = mkdtempSync(join(tmpdir(), "fluxcybers-witness-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const operator = person(folder)

/** Starts the program and waits until it says where it is. */
const start = async (directory: string, ...keys: ReadonlyArray<NoteSigner>) => {
  const logs = keys.flatMap(({ verifier }) => ["--log", verifier.text])
  const child = operator.start(["witness", "--data-dir", directory, "--port", "0", "--json", ...logs])
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  let said = ""
  const { url, verifierKey } = await new Promise<{ url: string; verifierKey: string }>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said += chunk
      if (said.trimEnd().endsWith("}")) resolve(JSON.parse(said))
    })
    child.once("exit", (code) => reject(new Error(`the witness ended with ${code}`)))
  })
  const kill = async () => {
    child.kill("SIGKILL")
    await ended
  }
  return { url, verifierKey, kill }
}

const add = async (url: string, body: string) => {
  const response = await fetch(`${url}/add-checkpoint`, { method: "POST", body })
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() }
}

const requestOf = (old: number, proof: ReadonlyArray<Uint8Array>, checkpoint: string) =>
  `old ${old}\n${proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("")}\n${checkpoint}`

const sizeOf = (note: string): number => Number(note.split("\n")[1])

/** A log of so many entries; its checkpoints by size, and requests from any size to any other. */
const logOf = (key: NoteSigner, count: number, prefix = "thing") =>
  Effect.runPromise(
    onLog(
      { filename: ":memory:", key },
      Effect.gen(function* () {
        const { proveConsistency } = yield* AuditLog
        const checkpoints = new Map<number, string>()
        for (const object of named(prefix, count)) {
          const note = yield* write(object)
          checkpoints.set(sizeOf(note), note)
        }
        const requests = new Map<string, string>()
        for (const [size, note] of checkpoints) {
          requests.set(`0-${size}`, requestOf(0, [], note))
          for (let old = 1; old <= size; old++) {
            const proof = old === size ? [] : yield* proveConsistency({ first: old, second: size })
            requests.set(`${old}-${size}`, requestOf(old, proof, note))
          }
        }
        return (old: number, size: number) => requests.get(`${old}-${size}`)!
      })
    )
  )

describe("the witness", () => {
  it("watches two logs, remembers each through kill -9, and refuses every way back", { timeout: 120_000 }, async () => {
    const [key, other] = [newKey(), newKey("second.test/log")]
    const [log, forked, second] = [await logOf(key, 12), await logOf(key, 12, "forged"), await logOf(other, 6)]
    const directory = join(folder, "two-logs")
    let witness = await start(directory, key, other)
    const first = witness.verifierKey
    const again = async () => {
      await witness.kill()
      witness = await start(directory, key, other)
      expect(witness.verifierKey).toBe(first)
    }

    expect(await add(witness.url, log(0, 5))).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^— fluxcybers.local\/witness /)
    })
    await again()
    const conflict = { status: 409, type: "text/x.tlog.size", text: "5\n" }
    expect(await add(witness.url, log(0, 3))).toEqual(conflict)
    expect(await add(witness.url, log(3, 4))).toEqual(conflict)
    expect(await add(witness.url, log(0, 5))).toEqual(conflict)
    expect((await add(witness.url, log(5, 5))).status).toBe(200)
    expect((await add(witness.url, forked(5, 5))).status).toBe(409)
    expect((await add(witness.url, forked(5, 9))).status).toBe(422)
    expect(await add(witness.url, second(0, 6))).toMatchObject({ status: 200 })
    expect((await add(witness.url, log(5, 12))).status).toBe(200)
    await again()
    expect(await add(witness.url, second(0, 6))).toMatchObject({ status: 409, text: "6\n" })
    expect(await add(witness.url, log(5, 9))).toMatchObject({ status: 409, text: "12\n" })
    const kept = await (await fetch(`${witness.url}/${logId(key.name)}/checkpoint`)).text()
    expect([sizeOf(kept), kept.match(/^— /gm)?.length]).toEqual([12, 2])
    expect((await fetch(`${witness.url}/${logId("unknown")}/checkpoint`)).status).toBe(404)
    await witness.kill()
  })

  it("never forgets a cosignature that it gave, whenever it is killed", { timeout: 120_000 }, async () => {
    const key = newKey()
    const log = await logOf(key, 30)
    const directory = join(folder, "killed")
    const keptBy = async (url: string) => {
      const response = await fetch(`${url}/${logId(key.name)}/checkpoint`)
      return response.status === 404 ? 0 : sizeOf(await response.text())
    }
    let given = 0
    for (const patienceMs of [60, 8, 25, 90]) {
      const witness = await start(directory, key)
      const before = await keptBy(witness.url)
      expect(before).toBeGreaterThanOrEqual(given)
      const ask = async (old: number) => {
        const { status } = await add(witness.url, log(old, old + 1))
        if (status === 200) given = Math.max(given, old + 1)
      }
      await ask(before)
      const asked = Promise.allSettled([1, 2, 3, 4].map((ahead) => ask(before + ahead)))
      await new Promise((resolve) => setTimeout(resolve, patienceMs))
      await witness.kill()
      await asked
    }
    const witness = await start(directory, key)
    expect(await keptBy(witness.url)).toBeGreaterThanOrEqual(given)
    expect(given).toBeGreaterThan(3)
    await witness.kill()
  })

  it("keeps its directory to itself, and one witness at a time has it", { timeout: 60_000 }, async () => {
    const directory = join(folder, "private")
    const key = newKey()
    const witness = await start(directory, key)
    await add(witness.url, (await logOf(key, 1))(0, 1))
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(directory).filter((file) => /key$|checkpoint$/.test(file))) {
      expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600)
    }
    const second = await operator.run(["witness", "--data-dir", directory, "--port", "0", "--log", key.verifier.text])
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("uses the data directory")])
    await witness.kill()
    expect((await operator.run(["witness", "--data-dir", directory, "--log", "not a key"])).code).toBe(2)
  })

  it("does not cosign when what it remembers is damaged, and refuses requests that are none", {
    timeout: 60_000
  }, async () => {
    const directory = join(folder, "damaged")
    const [key, stranger] = [newKey(), newKey("stranger.test/log")]
    const log = await logOf(key, 3)
    const witness = await start(directory, key)
    expect((await add(witness.url, log(0, 2))).status).toBe(200)
    writeFileSync(join(directory, `${logId(key.name)}.checkpoint`), "")
    expect((await add(witness.url, log(0, 1))).status).toBe(500)
    expect((await add(witness.url, (await logOf(stranger, 1))(0, 1))).status).toBe(404)
    expect((await add(witness.url, "nonsense")).status).toBe(400)
    expect((await add(witness.url, "x".repeat(70_000))).status).toBe(413)
    expect((await fetch(`${witness.url}/add-checkpoint`)).status).toBe(405)
    expect(readFileSync(join(directory, `${logId(key.name)}.checkpoint`), "utf8")).toBe("")
    await witness.kill()
  })

  it.live("makes proofs that show its cosignature to whoever asks for it in a policy", () =>
    Effect.gen(function* () {
      const key = newKey()
      const { policy } = yield* runWitness(key)
      const other = yield* runWitness(key)
      yield* onLog(
        { filename: ":memory:", key, policy },
        Effect.gen(function* () {
          yield* write("thing")
          yield* witnessed
          const { entries, prove } = yield* AuditLog
          const [first] = yield* Stream.runCollect(Stream.take(entries, 1))
          const { id } = JSON.parse(Buffer.from(first!.leaf).toString()) as { readonly id: AuditEntryId }
          const claim = { proof: yield* prove(id), leaf: first!.leaf, log: key.verifier }
          expect(Result.isSuccess(verifyProof({ ...claim, policy }))).toBe(true)
          const refused = verifyProof({ ...claim, policy: other.policy })
          expect(Result.isFailure(refused) && refused.failure.reason).toBe("unwitnessed")
        })
      )
    })
  )
})
