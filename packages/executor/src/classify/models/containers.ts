// Containers.
import type { Form, Model } from "../model.ts"

export const shown = (flags = ""): Form => ({ contentFrom: "none", flags })
export const PS = shown(
  "-aqls -n:number --all --quiet --latest --size --no-trunc --last=number --format= --filter= -f: --noheading --ns --pod --sort=name --name=name --state=name"
)
export const IMAGES = shown("-aq -f: --all --quiet --digests --no-trunc --format= --filter= --noheading --sort=name")
export const LOGS = shown("-ft --follow --timestamps --tail=name --since= --until= --details -n:number")
export const INSPECT = shown("-s -f: --size --format= --type=name")
const LIST = shown("-q -f: --quiet --no-trunc --format= --filter= --noheading")
const FORMAT = shown("-f: --format=")

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
          "secret ls",
          "config ls",
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
      "compose version": shown("--short"),
      "compose config": shown("-q --quiet --services --volumes --images --profiles"),
      "context show": { operands: 0 },
      search: {
        isNetwork: true,
        contentFrom: "none",
        operands: /^[\w./-]+$/,
        flags: "-f: --filter= --format= --limit=number --no-trunc"
      }
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
      "docker top web",
      "docker compose config --services"
    ],
    notRead: [
      "docker run -v /:/mnt alpine sh",
      "docker exec web sh",
      "docker exec web ls",
      "docker exec web rm -rf /data",
      "docker exec web cat /etc/shadow",
      "docker compose config -o f",
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
      ls: LIST,
      config: shown("-q --quiet --services --volumes")
    },
    read: ["docker-compose ps", "docker-compose logs --tail=50 web"],
    notRead: [
      "docker-compose up -d",
      "docker-compose exec web sh",
      "docker-compose -H x ps",
      "docker-compose config -o f"
    ]
  }
]
