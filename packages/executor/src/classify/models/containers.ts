// Containers and clusters.
import { kubectl } from "../judges/kubectl.ts"
import type { Form, Model } from "../model.ts"

const shown = (flags = ""): Form => ({ contentFrom: "none", flags })
const PS = shown(
  "-aqls -n:number --all --quiet --latest --size --no-trunc --last=number --format= --filter= -f: --noheading --ns --pod --sort=name --name=name --state=name"
)
const IMAGES = shown("-aq -f: --all --quiet --digests --no-trunc --format= --filter= --noheading --sort=name")
const LOGS = shown("-ft --follow --timestamps --tail=name --since= --until= --details -n:number")
const INSPECT = shown("-s -f: --size --format= --type=name")
const LIST = shown("-q -f: --quiet --no-trunc --format= --filter= --noheading")
const FORMAT = shown("-f: --format=")
const RELEASES = shown("-Aaqd -f: --all --all-namespaces --deployed --failed --pending --filter= --max=number --short")

export const containers: ReadonlyArray<Model> = [
  {
    names: "docker podman nerdctl",
    flags: "-v --version",
    subcommands: {
      "": "",
      ...Object.fromEntries(["ps", "container ls", "container list", "container ps"].map((key) => [key, PS])),
      ...Object.fromEntries(["images", "image ls", "image list"].map((key) => [key, IMAGES])),
      ...Object.fromEntries(["logs", "container logs", "compose logs"].map((key) => [key, LOGS])),
      ...Object.fromEntries(
        ["inspect", "container inspect", "image inspect", "network inspect", "volume inspect"].map((key) => [
          key,
          INSPECT
        ])
      ),
      ...Object.fromEntries(
        [
          "network ls",
          "network list",
          "volume ls",
          "volume list",
          "context ls",
          "node ls",
          "service ls",
          "service ps",
          "stack ls",
          "stack ps",
          "stack services",
          "pod ps",
          "pod ls",
          "plugin ls",
          "compose ls"
        ].map((key) => [key, LIST])
      ),
      stats: shown("-a --all --no-stream --no-trunc --format= --no-reset"),
      top: { contentFrom: "none", operands: /^[\w.][\w.-]*$|^-?(aux|ef|eo)$/ },
      port: shown(),
      diff: FORMAT,
      history: shown("-Hq --human --quiet --no-trunc --format="),
      version: FORMAT,
      info: FORMAT,
      "system info": FORMAT,
      events: shown("-f: --filter= --since= --until= --format="),
      "system df": shown("-v --verbose --format="),
      "service inspect": shown("--pretty -f: --format="),
      "buildx ls": { operands: 0 },
      "compose ps": shown("-aq --all --quiet --services --format= --filter= --status=name"),
      "compose images": shown("-q --quiet"),
      "compose top": shown(),
      "compose version": shown("--short")
    },
    changes: {
      write:
        "pull,build,tag,create,start,commit,rename,update,load,import,unpause,compose up,compose start,network create,volume create,image pull",
      destroy:
        "rm,rmi,stop,kill,restart,pause,system prune,image prune,volume rm,volume prune,network rm,container rm,container prune,compose down,compose stop,compose restart,image rm",
      exfiltrate: "push,login,save,export,cp",
      unknown: "run,exec,compose exec,compose run"
    },
    read: [
      "docker ps -a",
      "docker logs --tail 100 web",
      "docker inspect -f '{{.State.Status}}' web",
      "docker stats --no-stream",
      "docker compose ps",
      "podman images",
      "docker system df -v",
      "docker top web"
    ],
    notRead: [
      "docker run -v /:/mnt alpine sh",
      "docker exec web sh",
      "docker cp a:b .",
      "docker -H tcp://x ps",
      "docker rm x",
      "docker --config /x ps",
      "docker compose -f /tmp/x ps",
      "docker context use x",
      "docker -c x ps",
      "podman unshare sh"
    ]
  },
  {
    names: "docker-compose podman-compose",
    flags: "--version -v",
    subcommands: {
      "": "",
      ps: shown("-aq --all --services"),
      logs: LOGS,
      images: shown("-q"),
      top: shown(),
      version: shown("--short"),
      ls: LIST
    },
    read: ["docker-compose ps", "docker-compose logs --tail=50 web"],
    notRead: [
      "docker-compose up -d",
      "docker-compose exec web sh",
      "docker-compose -H x ps",
      "docker-compose config -o f"
    ]
  },
  {
    names: "kubectl oc",
    judge: kubectl,
    read: [
      "kubectl get pods -A",
      "kubectl describe node x",
      "kubectl logs -f deploy/web --tail=50",
      "kubectl top nodes",
      "kubectl -n kube-system get po -o wide",
      "kubectl config current-context",
      "kubectl auth can-i get pods",
      "kubectl rollout status deploy/web"
    ],
    notRead: [
      "kubectl exec x -- sh",
      "kubectl get --raw /api",
      "kubectl delete pod x",
      "kubectl apply -f x",
      "kubectl cp a b",
      "kubectl edit x",
      "kubectl port-forward x 1",
      "kubectl proxy",
      "kubectl get secret x -o yaml",
      "kubectl --kubeconfig=/tmp/x get pods",
      "kubectl config view --raw",
      "kubectl rollout restart x",
      "kubectl get pods -f http://x",
      "kubectl --server=x get pods",
      "kubectl config use-context x",
      "kubectl cluster-info dump --output-directory=x",
      "kubectl run x",
      "kubectl get pod -o go-template-file=x",
      'kubectl get "$X" -o yaml'
    ]
  },
  {
    names: "helm",
    flags: "-n:name --namespace=name --kube-context=name",
    inherited: "-n:name --namespace=name --kube-context=name -o:json|yaml|table --output=json|yaml|table",
    subcommands: {
      list: RELEASES,
      ls: RELEASES,
      status: shown("--revision=number"),
      history: shown("--max=number"),
      "get notes": shown(),
      "get metadata": shown(),
      "search repo": shown("-l --versions --devel"),
      "repo list": shown(),
      version: shown("--short")
    },
    read: ["helm list -A", "helm status web -n prod", "helm history web", "helm version --short"],
    notRead: [
      "helm upgrade x y",
      "helm template x --post-renderer sh",
      "helm rollback x",
      "helm plugin install x",
      "helm --kubeconfig x list",
      "helm get values x"
    ]
  },
  {
    names: "crictl ctr",
    flags: "-n:name --namespace=name",
    subcommands: {
      ps: PS,
      pods: PS,
      images: IMAGES,
      logs: LOGS,
      inspect: INSPECT,
      inspectp: INSPECT,
      inspecti: INSPECT,
      stats: shown("-a"),
      info: shown(),
      version: shown(),
      ...Object.fromEntries(
        ["containers", "images", "tasks", "namespaces"]
          .flatMap((kind) => [`${kind} list`, `${kind} ls`])
          .map((key) => [key, shown("-q")])
      )
    },
    read: ["crictl ps -a", "crictl logs abc", "ctr -n k8s.io containers ls"],
    notRead: [
      "crictl exec x sh",
      "crictl rm x",
      "crictl -r unix:///x ps",
      "ctr run x y",
      "ctr -a /s images ls",
      "ctr tasks exec x"
    ]
  },
  {
    names: "lxc virsh machinectl kubeadm",
    flags: "-q -r --no-pager --version",
    subcommands: {
      list: shown("--all --inactive --no-pager --format=name"),
      ...Object.fromEntries(
        [
          "dominfo",
          "domstate",
          "nodeinfo",
          "pool-list",
          "vol-list",
          "domblklist",
          "domiflist",
          "version",
          "certs check-expiration"
        ].map((key) => [key, shown("--all")])
      ),
      "net-list": shown("--all")
    },
    read: ["virsh list --all", "virsh dominfo vm", "kubeadm certs check-expiration", "machinectl list"],
    notRead: [
      "virsh destroy vm",
      "virsh -c qemu+ssh://x list",
      "lxc exec x sh",
      "kubeadm reset",
      "machinectl shell",
      "virsh 'list; destroy x'"
    ]
  }
]
