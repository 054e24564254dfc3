// Hypervisors, clusters of storage and of services, and their networks.
import { lines } from "../judges/lines.ts"
import { type Model, reads, unknown } from "../model.ts"

export const hosts: ReadonlyArray<Model> = [
  lines(
    "qm pct",
    /^(list|(status|config|pending|listsnapshot) \d+)$/,
    ["qm list", "pct status 101"],
    ["qm stop 101", "pct exec 101 ls", "qm monitor 101", "qm guest exec 1 ls"]
  ),
  lines("pvecm pvesm", /^(status|nodes)$/, ["pvecm status", "pvesm status"], ["pvecm delnode x", "pvesm free x"]),
  lines("pveversion", /^(-v)?$/, ["pveversion -v"], ["pveversion -x"]),
  lines(
    "ceph",
    /^(-s|-v|status|health( detail)?|df( detail)?|osd (tree|df|stat|status|perf|pool ls( detail)?)|pg stat|mon (stat|dump)|mds stat|fs (ls|status)|versions|orch (ls|ps|host ls)|mgr services)$/,
    ["ceph -s", "ceph osd tree", "ceph health detail"],
    [
      "ceph osd out 1",
      "ceph osd pool delete x x",
      "ceph auth get client.admin",
      "ceph -i f status",
      "ceph tell osd.0 x"
    ]
  ),
  lines(
    "gluster",
    /^((volume|vol) (status|info|list)( \w[\w-]*)?( detail)?|peer status|pool list)$/,
    ["gluster volume status", "gluster peer status"],
    ["gluster volume stop x", "gluster volume heal x", "gluster"]
  ),
  lines("VBoxManage", /^list (vms|runningvms|hostinfo)$/, ["VBoxManage list vms"], ["VBoxManage controlvm x poweroff"]),
  lines("xl", /^(list|info|vcpu-list|uptime)$/, ["xl list"], ["xl destroy x", "xl create f"]),
  lines("drbdadm", /^status( \w[\w-]*)?$/, ["drbdadm status"], ["drbdadm primary x", "drbdadm -c f status"]),
  lines(
    "pcs crm",
    /^(status|config|resource status|(status|cluster|resource) (nodes|resources|status))$/,
    ["pcs status", "crm status"],
    ["pcs resource delete x", "crm resource stop x", "pcs cluster stop", "crm -f x"]
  ),
  lines("crm_mon", /^-1(A?rf?|[nrfA])?$/, ["crm_mon -1"], ["crm_mon", "crm_mon -E /tmp/x -1", "crm_mon -1 -h f"]),
  lines("corosync-cfgtool", /^-s$/, ["corosync-cfgtool -s"], ["corosync-cfgtool -R"]),
  lines("tailscale", /^(status|ip|ip -4|netcheck|version)$/, ["tailscale status"], ["tailscale up", "tailscale ssh x"]),
  lines(
    "pm2",
    /^(list|ls|status|-v|--version|(info|show|describe) \w[\w.-]*|logs( \w[\w.-]*)? --nostream( --lines \d+)?)$/,
    ["pm2 list", "pm2 logs --nostream --lines 50"],
    ["pm2 delete x", "pm2 start x", "pm2 restart all", "pm2 list x", "pm2 logs -x"]
  ),
  lines("exim exim4", /^-(bp|bpc|bV)$/, ["exim -bp"], ["exim -be x", "exim -C f", "exim -ps x", "exim -bp -C f"]),
  lines(
    "varnishadm",
    /^(backend\.list|status|ping|ban\.list|vcl\.list|param\.show)$/,
    ["varnishadm backend.list"],
    ["varnishadm ban x", "varnishadm stop", "varnishadm vcl.load a b"]
  ),
  lines(
    "squidclient",
    /^mgr:(info|utilization|5min|60min|client_list|mem)$/,
    ["squidclient mgr:info"],
    ["squidclient mgr:shutdown"]
  ),
  {
    names: "k3s microk8s",
    judge: ({ args, range, scope }) => {
      if (args[0]?.literal !== "kubectl") return unknown("a cluster that is changed or started", range)
      scope.inside.command(args, [args[0].range[0], args.at(-1)?.range[1] ?? range[1]], scope)
      return reads("runs kubectl")
    },
    read: ["k3s kubectl get nodes", "microk8s kubectl get pods -A"],
    notRead: ["k3s kubectl delete pod x", "k3s server", "microk8s reset", "k3s ctr run x"]
  },
  lines(
    "kafka-topics.sh kafka-topics kafka-consumer-groups.sh kafka-consumer-groups",
    /^--bootstrap-server [\w.:,-]+ (--list|--describe)( --(topic|group) [\w.-]+)?( --(all-groups|under-replicated-partitions|members|state))?$/,
    [
      "kafka-topics.sh --bootstrap-server localhost:9092 --list",
      "kafka-consumer-groups.sh --bootstrap-server localhost:9092 --describe --group g"
    ],
    [
      "kafka-topics.sh --bootstrap-server x:1 --delete --topic t",
      "kafka-topics.sh --bootstrap-server x:1 --list --delete",
      "kafka-consumer-groups.sh --bootstrap-server x:1 --group g --reset-offsets"
    ]
  )
]
