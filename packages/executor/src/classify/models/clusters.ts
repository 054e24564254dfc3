// Clusters and virtual machines.
import { kubectl } from "../judges/kubectl.ts"
import type { Model } from "../model.ts"
import { IMAGES, INSPECT, LOGS, PS, shown } from "./containers.ts"

const CHART = shown("--version=name --repo=name --devel")
const RELEASES = shown("-Aaqd -f: --all --all-namespaces --deployed --failed --pending --filter= --max=number --short")

export const clusters: ReadonlyArray<Model> = [
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
      "kubectl rollout status deploy/web",
      "kubectl wait --for=condition=Ready pod/x"
    ],
    notRead: [
      "kubectl exec x -- sh",
      "kubectl exec x -- rm -rf /data",
      "kubectl exec x ls",
      "kubectl exec -- ls",
      "kubectl exec x $Y -- ls",
      "kubectl exec x -- cat /var/run/secrets/kubernetes.io/serviceaccount/token",
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
      "get manifest": shown("--revision=number"),
      "get hooks": shown("--revision=number"),
      ...Object.fromEntries(["chart", "values", "readme", "all"].map((what) => [`show ${what}`, CHART])),
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
      "helm template x y --output-dir z",
      "helm --kubeconfig x list"
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
