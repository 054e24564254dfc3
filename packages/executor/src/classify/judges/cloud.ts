// Command lines of clouds: verbs that read, without credentials, other endpoints and files.
import { type Judge, unknown } from "../model.ts"

const VERBS: Readonly<Record<string, RegExp>> = {
  aws: /^(describe-[\w-]+|list-[\w-]+|get-(caller-identity|bucket-[\w-]+|cost-and-usage|metric-statistics|metric-data|user|role|policy|account-summary|hosted-zone|queue-attributes)|ls|lookup-events|filter-log-events)$/,
  gcloud: /^(list|describe)$/,
  az: /^(list|show|list-sizes|list-skus|list-ip-addresses)$/
}
const FLAGS: Readonly<Record<string, RegExp>> = {
  aws: /^--(region|profile|output|query|filters?|instance-ids|max-items|page-size|no-paginate|no-cli-pager|group-names|group-ids|cluster|clusters|services|service|db-instance-identifier|stack-name|log-group-name|bucket|names|load-balancer-arns|target-group-arn|user-name|role-name|function-name|human-readable|summarize|recursive|start-time|end-time|namespace|metric-name|period|statistics|dimensions|vpc-ids|subnet-ids|owners|image-ids|volume-ids|hosted-zone-id|name|cluster-name|nodegroup-name)(=.*)?$/s,
  gcloud: /^--(project|zone|region|format|filter|limit|sort-by|uri|quiet|zones|page-size|cluster|instance)(=.*)?$/s,
  az: /^(-o|-g|-n|-d|--(output|resource-group|name|query|subscription|show-details|location|only-show-errors))(=.*)?$/s
}
const SECRET = /secret|kms|passw|token|credential|key|login|decrypt|print-|connection-string|ssm|sts:|env/i

export const cloud: Judge = ({ name, args, range }) => {
  const words = args.map((arg) => arg.literal)
  const exact = words.join(" ")
  if (
    exact === "--version" ||
    exact === "version" ||
    /^(sts get-caller-identity|config list|account (show|list)|configure list)$/.test(exact)
  ) {
    return { class: "read", why: `${name} shows how it is set up` }
  }
  const flags = FLAGS[name] ?? /$^/
  const isOpen = words.some(
    (word) => word === undefined || /^(file|fileb|https?):\/\/|^@/.test(word) || word === "help"
  )
  if (isOpen) return unknown(`${name} with an argument that is not known, or from elsewhere`, range)
  const names = words
    .filter((word) => word !== undefined)
    .filter((word, index, all) => !word.startsWith("-") && !isValue(all[index - 1]))
  if (names.some((word) => SECRET.test(word))) return unknown(`${name} near secrets`, range)
  const options = words.filter((word) => word !== undefined).filter((word) => word.startsWith("-"))
  const bad = options.find((word) => !flags.test(word))
  if (bad !== undefined) return unknown(`the option ${bad} of ${name} is not known`, range)
  const verb = name === "aws" ? names[1] : names.slice(1).find((word) => VERBS[name]?.test(word))
  const isRead =
    verb !== undefined &&
    VERBS[name]?.test(verb) === true &&
    names.length <= (name === "aws" ? 3 : 6) &&
    isGroup(names, verb)
  return isRead
    ? { class: "read", why: `${name} ${names.join(" ")} lists or describes` }
    : unknown(`${name} ${names.slice(0, 3).join(" ")} is not known to read`, range)
}

const isValue = (previous: string | undefined): boolean =>
  previous?.startsWith("-") === true &&
  !previous.includes("=") &&
  !/^--(no-[\w-]+|human-readable|summarize|recursive|uri|quiet|show-details|only-show-errors)$|^-d$/.test(previous)

/** No other verb may stand before the one that reads: `az vm run-command list`. */
const isGroup = (names: ReadonlyArray<string>, verb: string): boolean =>
  names
    .slice(0, names.indexOf(verb))
    .every((word) => !/^(create|delete|update|set|run|start|stop|ssh|scp|invoke|exec|add|remove)/.test(word)) &&
  (names[0] !== "s3" || names.length <= 3)
