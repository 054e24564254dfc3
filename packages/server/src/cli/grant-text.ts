// A bounded grant as people read it.
import type { BoundedGrant } from "@fluxcybers/executor"
import { commandText } from "./command-text.ts"
import { moment } from "./moment.ts"
import { requirementText } from "./requirement-view.ts"
import { visible } from "./visible-text.ts"

/** Everything that is decided on. Pure. */
export const grantText = ({ id, state, digest, scope, requirements, uses }: BoundedGrant): string =>
  [
    `${id}, ${state}, for ${visible(scope.requester)}, until ${moment(scope.expiresAt)}, used ${uses} of ${scope.usesMax} times`,
    ...(scope.kind === "reads"
      ? [`Everything that only reads, with ${visible(scope.executor)}`]
      : [...(scope.kind === "repeats" ? ["Again and again:"] : []), ...scope.plans.map(planLine)]),
    ...scope.targets.map(
      ({ name, host, port, account, hostKey }) =>
        `  on ${visible(name)}: ${visible(account)}@${visible(host)}:${port} ${visible(hostKey)}`
    ),
    ...requirements.map((requirement) => `Needs ${requirementText(requirement)}`),
    `Digest ${digest}`
  ]
    .map((line) => `${line}\n`)
    .join("")

const planLine = ({
  command,
  access,
  cwd,
  env,
  secretEnv,
  timeoutMs,
  runbook
}: BoundedGrant["scope"]["plans"][number]): string => {
  const words = commandText(command, (script) => `/bin/sh: ${JSON.stringify(script)}`)
  const around = JSON.stringify({ ...(cwd === undefined ? {} : { cwd }), env, secretEnv, timeoutMs })
  const from =
    runbook === undefined ? "" : `  runbook ${runbook.name}@${runbook.version} ${JSON.stringify(runbook.parameters)}`
  return `  ${access}: ${visible(words)}  ${visible(around)}${visible(from)}`
}
