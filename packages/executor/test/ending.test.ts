import { it } from "@effect/vitest"
import { SecretDenied } from "@fluxcybers/core"
import { Cause, Exit } from "effect"
import { describe, expect } from "vitest"
import { endingOf, stoppedEnding } from "../src/dispatch/ending.ts"
import {
  AuthenticationRefused,
  ConnectionLost,
  CredentialMalformed,
  HostKeyMismatch,
  type Plan,
  RunError,
  type RunFailure,
  StartRefused,
  StopUnconfirmed,
  TargetUnreachable
} from "../src/index.ts"

const failed = (reason: RunFailure) => Exit.fail(new RunError({ executor: "ssh", reason }))
const returned = (isSuccess: boolean, output: unknown) => Exit.succeed({ isSuccess, output })
const plan = { timeoutMs: 5_000, outputBytesMax: 1_000 } as Plan
const interrupted = Exit.interrupt() as ReturnType<typeof failed>

describe("a run that came to its own end", () => {
  it("succeeded, or failed with its exit status or signal", () => {
    expect(endingOf(returned(true, { exitCode: 0, signal: null }))).toEqual({ state: "succeeded", exitCode: 0 })
    expect(endingOf(returned(false, { exitCode: 3 }))).toEqual({
      state: "failed",
      exitCode: 3,
      detail: "It ended with exit status 3."
    })
    expect(endingOf(returned(false, { signal: "KILL" }))).toMatchObject({ state: "failed", signal: "KILL" })
  })

  it("has no exit status when its executor has another kind of output", () => {
    expect(endingOf(returned(true, { rows: 3 }))).toEqual({ state: "succeeded" })
    expect(endingOf(returned(false, "no"))).toEqual({
      state: "failed",
      detail: "The executor says that it did not succeed."
    })
  })

  const target = "web-1"
  const failures: ReadonlyArray<readonly [RunFailure, "failed" | "unknown"]> = [
    [new TargetUnreachable({ target, code: "ECONNREFUSED" }), "failed"],
    [new HostKeyMismatch({ target, expected: "SHA256:a", actual: "SHA256:b" }), "failed"],
    [new AuthenticationRefused({ target, account: "ops" }), "failed"],
    [new CredentialMalformed({ secret: "ssh/ops", detail: "It is neither a key nor a password." }), "failed"],
    [new StartRefused({ detail: "There is no program x." }), "failed"],
    [new SecretDenied({ secret: "ssh/ops", reason: "destroyed" }), "failed"],
    [new ConnectionLost({ target }), "unknown"],
    [new StopUnconfirmed({ target }), "unknown"]
  ]
  it.each(failures)("is explained to a person: %s", (failure, state) => {
    const ending = endingOf(failed(failure))
    expect(ending.state).toBe(state)
    expect(ending.detail).toMatch(/^[A-Z].{20,}\.$/)
    expect(ending.detail).toContain(failure.message)
  })

  it("is unknown when its executor broke down, and when that hid a failure", () => {
    expect(endingOf(Exit.die(new Error("canary")))).toMatchObject({
      state: "unknown",
      detail: expect.not.stringContaining("canary")
    })
    const both = Cause.combine(
      Cause.fail(new RunError({ executor: "ssh", reason: new StartRefused({ detail: "No." }) })),
      Cause.die(new Error("canary"))
    )
    expect(endingOf(Exit.failCause(both)).state).toBe("unknown")
  })
})

describe("a run that was told to stop", () => {
  it("ended as it was told when it confirmed that", () => {
    expect(stoppedEnding("timed-out", plan, interrupted)).toMatchObject({
      state: "timed_out",
      detail: expect.stringContaining("5000 ms")
    })
    expect(stoppedEnding("cancelled", plan, interrupted).state).toBe("cancelled")
    expect(stoppedEnding("output-limit", plan, interrupted)).toMatchObject({
      state: "failed",
      detail: expect.stringContaining("1000 bytes")
    })
    expect(stoppedEnding("not-recorded", plan, interrupted).state).toBe("failed")
  })

  it("is unknown when it did not confirm", () => {
    expect(stoppedEnding("cancelled", plan, undefined).state).toBe("unknown")
    const unconfirmed = Cause.combine(
      Cause.interrupt(),
      Cause.fail(new RunError({ executor: "ssh", reason: new StopUnconfirmed({ target: "web-1" }) }))
    )
    expect(stoppedEnding("cancelled", plan, Exit.failCause(unconfirmed)).state).toBe("unknown")
    const broken = Cause.combine(Cause.interrupt(), Cause.die(new Error("kill failed")))
    expect(stoppedEnding("cancelled", plan, Exit.failCause(broken)).state).toBe("unknown")
  })

  it("keeps its own end when it came to it first", () => {
    expect(stoppedEnding("cancelled", plan, returned(true, { exitCode: 0 }))).toEqual({
      state: "succeeded",
      exitCode: 0
    })
  })
})
