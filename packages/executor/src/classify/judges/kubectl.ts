// kubectl: reads the cluster's objects; a secret's content is not for the transcript.
import type { Argument } from "../argument.ts"
import { type Form, type Judge, unknown } from "../model.ts"

const shown = (flags: string): Form => ({ contentFrom: "none", flags })
const GET =
  "-A -w -l: -o: -L: -R --all-namespaces --watch --selector= --output= --sort-by= --show-labels --no-headers --field-selector= --label-columns= --show-kind --ignore-not-found --chunk-size=number --watch-only --show-managed-fields"
const TOP = shown("-A -l: --all-namespaces --containers --sort-by=name --no-headers --selector=")
const GLOBAL = "-n: --namespace= --context= --request-timeout=number --cluster=name"
const KUBECTL: Form = {
  flags: `${GLOBAL} -A`,
  inherited: GLOBAL,
  subcommands: {
    get: shown(GET),
    describe: shown("-A -l: --all-namespaces --selector= --show-events?"),
    logs: shown(
      "-fp -c:name -l: --follow --previous --container=name --all-containers? --tail=number --since= --since-time= --timestamps? --prefix --selector= --max-log-requests=number --limit-bytes=number"
    ),
    ...Object.fromEntries(["node", "nodes", "no", "pod", "pods", "po"].map((kind) => [`top ${kind}`, TOP])),
    version: shown("--client --short -o:json|yaml --output=json|yaml"),
    "cluster-info": { operands: 0 },
    explain: shown("--recursive --api-version=name"),
    "api-resources": shown("--namespaced? --verbs=name --no-headers -o:wide|name --api-group=name"),
    "api-versions": { operands: 0 },
    events: shown("-A --all-namespaces -w --watch --for=name --types=name"),
    "auth can-i": shown("-A --list --all-namespaces --quiet -q --as=name"),
    "auth whoami": shown(""),
    "config view": shown("--minify -o:json|yaml"),
    "config get-contexts": shown("-o:name --no-headers"),
    "config current-context": shown(""),
    "config get-clusters": shown(""),
    wait: shown("--for= --timeout=name -A --all-namespaces --all -l: --selector="),
    "rollout status": shown("-w? --watch? --timeout=number --revision=number"),
    "rollout history": shown("--revision=number")
  },
  changes: {
    write:
      "apply,create,patch,replace,scale,label,annotate,set,expose,autoscale,uncordon,cordon,taint,rollout undo,rollout pause,rollout resume",
    destroy: "delete,drain,rollout restart",
    privilege: "certificate approve,auth reconcile",
    unknown: "exec,diff,run,attach,debug,edit,cp,port-forward,proxy"
  }
}

const OUTPUT = /^(json|yaml|wide|name|(jsonpath|custom-columns|go-template|jsonpath-as-json)=.*)$/s

export const kubectl: Judge = (call) => {
  const verdict = call.apply(KUBECTL)
  if (verdict.class !== "read" || !call.args.some((arg) => arg.literal === "get")) return verdict
  const outputs = call.args.flatMap((arg, index) => outputOf(arg, call.args[index + 1]))
  if (outputs.some((output) => !OUTPUT.test(output ?? "\0"))) {
    return unknown("an output of kubectl that is not known to be printed only")
  }
  const isTable = outputs.every((output) => /^(wide|name)$/.test(output ?? ""))
  const secret = call.args.find((arg) => arg.literal === undefined || /secret/i.test(arg.literal))
  return secret !== undefined && !isTable
    ? { class: "exfiltrate", why: "kubectl may show the content of a secret", range: secret.range }
    : verdict
}

const outputOf = (arg: Argument, next: Argument | undefined): ReadonlyArray<string | undefined> => {
  if (arg.literal === "-o" || arg.literal === "--output") return [next?.literal]
  const attached = /^(?:-\w*o=?|--output=)(.*)$/s.exec(arg.pattern)
  return attached === null ? [] : [arg.literal === undefined ? undefined : attached[1] || next?.literal]
}
