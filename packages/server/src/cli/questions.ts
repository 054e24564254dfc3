// Questions to the person at the terminal. They are asked on standard error, so that standard output stays the command's answer;
// without a terminal nothing is asked, and nothing is assumed.
import { createInterface } from "node:readline"
import { Writable } from "node:stream"
import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { CliFailure, usageFailure } from "./failure.ts"

/** The person left the question (Ctrl-C, Ctrl-D). */
export class QuestionLeft extends Schema.TaggedError<QuestionLeft>()("QuestionLeft", {}) {}

export interface AskedStreams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

type Asked<A> = Effect.Effect<A, QuestionLeft>

export class Questions extends Context.Service<
  Questions,
  {
    /** Is there a person at a terminal? */
    readonly isInteractive: boolean
    /** One line, without its newline. */
    ask(question: string): Asked<string>
    /** One line that is not shown while it is typed. */
    askHidden(question: string): Asked<Redacted.Redacted<string>>
  }
>()("fluxcybers/server/cli/Questions") {
  /** Asks on the given streams. */
  static readonly on = (streams: AskedStreams): Questions["Service"] =>
    Questions.of({
      isInteractive: streams.input.isTTY === true && streams.output.isTTY === true,
      ask: (question) => readLine(streams, question, streams.output),
      askHidden: (question) =>
        Effect.map(readLine(streams, question, nowhere()), (line) => {
          streams.output.write("\n")
          return Redacted.make(line)
        })
    })

  static readonly layer = Layer.sync(Questions, () => Questions.on({ input: process.stdin, output: process.stderr }))
}

/** Yes or no; anything but `y` or `yes` is no. */
export const confirm = Effect.fnUntraced(function* (question: string) {
  const { ask } = yield* Questions
  return /^y(es)?$/i.test((yield* ask(`${question} [y/N] `)).trim())
})

/** Fails when there is nobody to ask; `instead` says how to do it without a terminal. */
export const requireTerminal = Effect.fnUntraced(function* (what: string, instead: string) {
  const { isInteractive } = yield* Questions
  if (!isInteractive) return yield* noTerminal(what, instead)
})

const noTerminal = (what: string, instead: string): CliFailure =>
  usageFailure(`${what} needs an answer, and there is no terminal to ask on. Nothing was changed.\n${instead}`)

const readLine = (streams: AskedStreams, question: string, echo: NodeJS.WritableStream): Asked<string> =>
  Effect.callback((resume) => {
    const reader = createInterface({ input: streams.input, output: echo, terminal: streams.input.isTTY === true })
    const leave = () => {
      reader.close()
      streams.output.write("\n")
      resume(Effect.fail(new QuestionLeft()))
    }
    if (echo !== streams.output) streams.output.write(question)
    reader.once("SIGINT", leave)
    reader.once("close", leave)
    reader.question(question, (line) => {
      reader.off("close", leave)
      reader.close()
      resume(Effect.succeed(line))
    })
    return Effect.sync(() => {
      reader.off("close", leave)
      reader.close()
    })
  })

/** Where the echo of a hidden line goes. */
const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })

/** Asks, and fails when the answer is no, or when nobody is there to give one. */
export const confirmed = Effect.fnUntraced(function* (question: string) {
  yield* requireTerminal("This", "To do it without being asked: --yes")
  if (yield* confirm(question)) return
  return yield* new CliFailure({
    exit: "declined",
    code: "declined",
    title: "Not done",
    detail: "Nothing was changed."
  })
})
