// The official client for a cluster, made of a kubeconfig that is a secret; it must lead to the host of the plan and nowhere else.
import { type AsyncRunContext, hostText, StartRefused } from "@fluxcybers/executor/sdk"

// Loaded by the run that needs it: it is large, and plans need none of it.
const loadClient = () => import("@kubernetes/client-node")
type Client = Awaited<ReturnType<typeof loadClient>>

/** The client's module, and the configuration to make clients with. */
export interface Cluster {
  readonly client: Client
  readonly config: InstanceType<Client["KubeConfig"]>
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "https:": 443, "http:": 80 }

export const clusterOf = async ({ plan, secret }: AsyncRunContext): Promise<Cluster> => {
  const [kubeconfig] = plan.secrets
  if (kubeconfig === undefined) throw new StartRefused({ detail: "the plan names no kubeconfig." })
  const text = Buffer.from(await secret(kubeconfig.name)).toString()
  const client = await loadClient()
  const config = new client.KubeConfig()
  try {
    config.loadFromString(text)
  } catch {
    // What the parser says quotes the text.
    throw new StartRefused({ detail: `the secret "${kubeconfig.name}" is no kubeconfig.` })
  }
  const place = placeOf(config.getCurrentCluster()?.server)
  if (place !== plan.hosts?.[0]) {
    throw new StartRefused({
      detail: `the kubeconfig is for ${place ?? "no cluster"}, and the plan for ${plan.hosts?.[0]}.`
    })
  }
  const user = config.getCurrentUser()
  if (user?.exec !== undefined || user?.authProvider !== undefined) {
    throw new StartRefused({ detail: "a plugin starts no program to sign in: use a token or a certificate." })
  }
  return { client, config }
}

const placeOf = (server: string | undefined): string | undefined => {
  const url = server === undefined ? null : URL.parse(server)
  if (url === null) return undefined
  return hostText({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port) || (DEFAULT_PORTS[url.protocol] ?? 0)
  })
}
