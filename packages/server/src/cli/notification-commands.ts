// `notifications`: who is told of what, and what could not be delivered.
import { OccurrenceKind } from "@fluxcybers/executor"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { SubscriptionId } from "../notify/tables.ts"
import type { MessageId } from "../outbox/tables.ts"
import { connect } from "./api.ts"
import { CliFailure, usageFailure } from "./failure.ts"
import { moment } from "./moment.ts"
import { answer, note } from "./output.ts"
import { idArgument, repeated } from "./parameters.ts"
import { table } from "./table.ts"
import { visible } from "./visible-text.ts"

const CHANNELS = ["mail", "webhook", "slack"] as const
const CLASSES = ["read", "write", "destroy", "privilege", "exfiltrate", "unknown"] as const
const EVENTS = OccurrenceKind.literals

const subscriptionArgument = idArgument("sub", "The subscription's id, from: fluxcybers notifications list").pipe(
  Argument.map((id) => id as SubscriptionId)
)
const messageArgument = idArgument("msg", "The message's id, from: fluxcybers notifications dead").pipe(
  Argument.map((id) => id as MessageId)
)

const list = Command.make(
  "list",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const subscriptions = yield* api((client) => client.notifications.list())
    yield* answer(subscriptions, () =>
      table(
        ["ID", "FOR", "CHANNEL", "NAME", "GOES TO", "EVENTS", "TAGS", "CLASSES"],
        subscriptions.map((each) => [
          each.id,
          each.person === undefined ? "organisation" : "you",
          each.channel,
          each.name,
          each.destination,
          each.events.join(" "),
          each.tags.join(" "),
          each.classes.join(" ")
        ]),
        "Nobody is told of anything."
      )
    )
  })
).pipe(
  Command.withDescription("List what you are told of, and what the organisation is told of"),
  Command.withExamples([{ command: "fluxcybers notifications list" }])
)

const add = Command.make(
  "add",
  {
    channel: Argument.Literals("channel", CHANNELS).pipe(Argument.withDescription("mail, webhook or slack")),
    to: Argument.String("to").pipe(Argument.withDescription("A mail address, or an https address")),
    events: Flag.Literals("event", EVENTS).pipe(
      Flag.withMetavar("EVENT"),
      Flag.withDescription("What to tell of; give it again for more. All events unless told"),
      repeated
    ),
    tags: Flag.String("tag").pipe(
      Flag.withMetavar("TAG"),
      Flag.withDescription("Only about targets with this tag, or another one that is given"),
      repeated
    ),
    classes: Flag.Literals("class", CLASSES).pipe(
      Flag.withMetavar("CLASS"),
      Flag.withDescription("Only commands of this class, or another one that is given"),
      repeated
    ),
    name: Flag.String("name").pipe(
      Flag.withDescription("To recognise it later; the channel unless told"),
      Flag.optional
    ),
    organisation: Flag.Boolean("organisation").pipe(
      Flag.withDescription("For the organisation and not for you; owners and administrators only"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function* ({ events, name, ...wanted }) {
    const api = yield* connect
    const [first, ...others] = events.length === 0 ? EVENTS : events
    if (first === undefined) return yield* usageFailure("Name an event with --event.")
    const payload = {
      ...wanted,
      events: [first, ...others] as const,
      name: Option.getOrElse(name, () => wanted.channel)
    }
    const made = yield* api((client) => client.notifications.add({ payload }))
    const { subscription, secret } = made
    yield* note(`Added ${subscription.id}: ${subscription.channel} to ${visible(subscription.destination)}.`)
    if (secret !== undefined) yield* note("Webhooks are signed with this secret. It is shown this once:\n")
    yield* answer(made, () => (secret === undefined ? "" : `${secret}\n`))
  })
).pipe(
  Command.withDescription("Be told by mail, a signed webhook or a message to Slack; prints a webhook's secret, once"),
  Command.withExamples([
    { command: "fluxcybers notifications add mail ada@example.com --event decision.wanted" },
    { command: "fluxcybers notifications add webhook https://example.com/hook --organisation --class destroy" },
    {
      command:
        "fluxcybers notifications add slack https://hooks.slack.com/services/T0/B0/x --organisation --tag production"
    }
  ])
)

const test = Command.make(
  "test",
  { id: subscriptionArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    const result = yield* api((client) => client.notifications.test({ params: { subscription: id } }))
    if (!result.isDelivered) {
      const detail = `The test did not arrive (${visible(result.failure ?? "unknown")}). Look at the address, and at what receives it.`
      return yield* new CliFailure({ exit: "failure", code: "not-delivered", title: "Not delivered", detail })
    }
    yield* answer(result, () => "Sent a test; the other side took it.\n")
  })
).pipe(
  Command.withDescription("Send a test there now"),
  Command.withExamples([{ command: "fluxcybers notifications test sub_01…" }])
)

const remove = Command.make(
  "remove",
  { id: subscriptionArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    yield* api((client) => client.notifications.remove({ params: { subscription: id } }))
    yield* answer({ id, removed: true }, () => `Removed ${id}, and what had not left for it.\n`)
  })
).pipe(
  Command.withDescription("Remove a subscription"),
  Command.withExamples([{ command: "fluxcybers notifications remove sub_01…" }])
)

const rotate = Command.make(
  "rotate",
  { id: subscriptionArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    const made = yield* api((client) => client.notifications.rotate({ params: { subscription: id } }))
    yield* note("For 24 hours webhooks are signed with the old secret, too. The new one is shown this once:\n")
    yield* answer(made, () => `${made.secret}\n`)
  })
).pipe(
  Command.withDescription("Make a new secret of a webhook; prints it, once, on standard output"),
  Command.withExamples([{ command: "fluxcybers notifications rotate sub_01…" }])
)

const dead = Command.make(
  "dead",
  {},
  Effect.fnUntraced(function* () {
    const api = yield* connect
    const messages = yield* api((client) => client.notifications.dead())
    yield* answer(messages, () =>
      table(
        ["ID", "EVENT", "ABOUT", "SUBSCRIPTION", "ATTEMPTS", "FAILURE", "CREATED"],
        messages.map((each) => [
          ...[each.id, each.topic, each.about, each.destination],
          ...[String(each.attempts), each.failure, moment(each.createdAt)]
        ]),
        "Everything was delivered, or is tried again."
      )
    )
  })
).pipe(
  Command.withDescription("List what could not be delivered"),
  Command.withExamples([{ command: "fluxcybers notifications dead" }])
)

const retry = Command.make(
  "retry",
  { id: messageArgument },
  Effect.fnUntraced(function* ({ id }) {
    const api = yield* connect
    yield* api((client) => client.notifications.retry({ params: { message: id } }))
    yield* answer({ id, retried: true }, () => `${id} is tried again, under the same id.\n`)
  })
).pipe(
  Command.withDescription("Try a message again that could not be delivered"),
  Command.withExamples([{ command: "fluxcybers notifications retry msg_01…" }])
)

const commands = Command.make(
  "commands",
  { state: Argument.Literals("state", ["on", "off"]).pipe(Argument.withDescription("on or off")) },
  Effect.fnUntraced(function* ({ state }) {
    const api = yield* connect
    const payload = { commands: state === "on" }
    const settings = yield* api((client) => client.notifications.configure({ payload }))
    yield* answer(settings, () =>
      settings.commands
        ? "Notifications now hold the commands, with whatever people write into them. Output never leaves.\n"
        : "Notifications hold no commands.\n"
    )
  })
).pipe(
  Command.withDescription("Let notifications of the organisation hold the commands, or not"),
  Command.withExamples([{ command: "fluxcybers notifications commands on" }])
)

export const notifications = Command.make("notifications").pipe(
  Command.withDescription("Be told when a decision is wanted or something ended"),
  Command.withSubcommands([list, add, test, remove, rotate, dead, retry, commands])
)
