// `kubectl rollout restart` and `rollout status`, as the official client does them.
import { setTimeout as sleep } from "node:timers/promises"
import { type AsyncRunContext, type AsyncRunResult, StopUnconfirmed } from "@fluxcybers/executor/sdk"
import type { V1Deployment } from "@kubernetes/client-node"
import type { Cluster } from "./cluster.ts"

/** A deployment, and where its course is written. */
export interface Restart extends Pick<AsyncRunContext, "output" | "signal"> {
  readonly namespace: string
  readonly deployment: string
}

/** The pods' template is made another one by this, and so all pods are replaced; kubectl writes the same. */
const RESTARTED = "kubectl.kubernetes.io/restartedAt"
const LOOK_MS = 500

/** Asks for the restart and waits until all pods are new. Told to stop, it stops waiting, but the cluster goes on. */
export const restartDeployment = async (
  { client, config }: Cluster,
  { namespace, deployment: name, output, signal }: Restart
): Promise<AsyncRunResult> => {
  const api = config.makeApiClient(client.AppsV1Api)
  const annotations = { [RESTARTED]: new Date().toISOString() }
  const body = { spec: { template: { metadata: { annotations } } } }
  const merge = client.setHeaderOptions("Content-Type", client.PatchStrategy.StrategicMergePatch)
  const patched = await api.patchNamespacedDeployment({ name, namespace, body }, merge)
  await output("stdout", `deployment.apps/${name} restarted\n`)
  let said = ""
  // The host ends it at the plan's time limit.
  while (!signal.aborted) {
    const { isDone, text } = progress(await api.readNamespacedDeployment({ name, namespace }), patched)
    if (text !== said) await output("stdout", `${text}\n`)
    if (isDone) return { exitCode: 0 }
    said = text
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
  }
  throw new StopUnconfirmed({ target: name })
}

/** The status may still be that of the deployment before the change: then its generation is older. */
const progress = ({ status = {}, spec }: V1Deployment, { metadata }: V1Deployment) => {
  const wanted = spec?.replicas ?? 1
  const { observedGeneration = 0, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status
  if (observedGeneration < (metadata?.generation ?? 0))
    return { isDone: false, text: "Waiting for the cluster to see it" }
  const isDone = updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= updatedReplicas
  return { isDone, text: `${updatedReplicas} of ${wanted} pods are new, ${availableReplicas} available` }
}
