// Clouds, configuration management and coordination.
import { always } from "../judges/changing.ts"
import { cloud } from "../judges/cloud.ts"
import type { Form, Model } from "../model.ts"

const shown = (flags = ""): Form => ({ contentFrom: "none", flags })
const NAMES: Form = { contentFrom: "none", operands: /^[\w./:@-]+$/ }

export const clouds: ReadonlyArray<Model> = [
  {
    names: "aws gcloud az",
    judge: cloud,
    read: [
      "aws ec2 describe-instances --region eu-west-1",
      "aws s3 ls s3://bucket",
      "aws sts get-caller-identity",
      "gcloud compute instances list",
      "az vm list -o table",
      "aws --version",
      "gcloud config list"
    ],
    notRead: [
      "aws s3 cp a s3://b",
      "aws ec2 terminate-instances --instance-ids x",
      "aws ec2 describe-instances help",
      "aws --endpoint-url http://x s3 ls",
      "aws secretsmanager get-secret-value --secret-id x",
      "aws ec2 describe-instances --cli-input-json file://x",
      "aws iam create-user --user-name x",
      "gcloud compute ssh x",
      "az vm delete",
      "aws ssm get-parameter --with-decryption --name x",
      "aws ec2 get-password-data --instance-id x",
      "gcloud auth print-access-token",
      "az account get-access-token",
      "aws s3 ls --no-sign-request --ca-bundle x",
      "aws ecr get-login-password",
      "aws lambda invoke --function-name x out",
      "gcloud compute instances list --flags-file=x",
      "az keyvault secret show -n x",
      "aws s3api get-object --bucket b --key k out"
    ]
  },
  {
    names: "terraform tofu",
    flags: "-version --version -v",
    style: "whole",
    subcommands: {
      "": "",
      version: "",
      show: { flags: "-no-color", style: "whole", operands: 0 },
      "state list": { style: "whole", ...NAMES },
      providers: { operands: 0 },
      "workspace list": { operands: 0 },
      "workspace show": { operands: 0 }
    },
    read: ["terraform version", "terraform state list", "terraform workspace list"],
    notRead: [
      "terraform apply",
      "terraform plan -out x",
      "terraform destroy",
      "terraform console",
      "terraform -chdir=/x state list",
      "terraform state pull",
      "terraform output -json",
      "terraform init"
    ]
  },
  {
    names: "ansible ansible-playbook ansible-inventory ansible-galaxy ansible-config ansible-vault",
    judge: ({ args }) =>
      args.length === 1 && args[0]?.literal === "--version"
        ? { class: "read", why: "prints its version" }
        : { class: "unknown", why: "runs modules, plugins and inventory scripts" },
    read: ["ansible --version"],
    notRead: [
      "ansible all -m shell -a id",
      "ansible-playbook x.yml",
      "ansible-inventory -i ./script --list",
      "ansible-vault view x"
    ]
  },
  {
    names: "consul",
    flags: "-version --version",
    style: "whole",
    subcommands: {
      "": "",
      members: { style: "whole", flags: "-detailed -wan -status:name", operands: 0 },
      info: { operands: 0 },
      version: { operands: 0 },
      "catalog services": { operands: 0 },
      "catalog nodes": { style: "whole", flags: "-detailed -service:name", operands: 0 },
      "operator raft list-peers": { operands: 0 }
    },
    read: ["consul members", "consul catalog services"],
    notRead: [
      "consul exec x",
      "consul kv put a b",
      "consul watch x sh",
      "consul lock x sh",
      "consul members -http-addr=evil",
      "consul kv get -recurse"
    ]
  },
  {
    names: "vault",
    flags: "-version --version",
    style: "whole",
    subcommands: {
      "": "",
      status: { operands: 0, style: "whole", flags: "-format:name" },
      version: { operands: 0 },
      "secrets list": { operands: 0, style: "whole", flags: "-detailed" },
      "auth list": { operands: 0 },
      "policy list": { operands: 0 },
      "operator raft list-peers": { operands: 0 }
    },
    read: ["vault status", "vault secrets list"],
    notRead: [
      "vault read secret/x",
      "vault kv get x",
      "vault write x y=z",
      "vault ssh x",
      "vault token create",
      "vault operator unseal",
      "vault status -address=http://evil"
    ]
  },
  {
    names: "nomad",
    subcommands: {
      status: { ...NAMES, operands: 1 },
      "node status": { ...NAMES, operands: 1 },
      "job status": { ...NAMES, operands: 1 },
      "server members": { operands: 0 },
      version: { operands: 0 }
    },
    read: ["nomad node status", "nomad server members"],
    notRead: ["nomad run x", "nomad alloc exec x sh", "nomad -address=x status"]
  },
  {
    names: "etcdctl",
    flags: "-w:name --write-out=name",
    inherited: "-w:name --write-out=name",
    subcommands: {
      "member list": shown(),
      "endpoint health": shown("--cluster"),
      "endpoint status": shown("--cluster"),
      "alarm list": shown(),
      version: shown(),
      "user list": shown(),
      "role list": shown()
    },
    read: ["etcdctl member list -w table", "etcdctl endpoint health"],
    notRead: [
      "etcdctl put a b",
      "etcdctl del a",
      "etcdctl snapshot save f",
      "etcdctl watch a -- sh",
      "etcdctl --endpoints=x member list",
      "etcdctl get / --prefix",
      "etcdctl lock x sh"
    ]
  },
  {
    names: "puppet chef-client salt salt-call facter ohai cloud-init",
    flags: "--version",
    judge: ({ name, args }) => {
      const line = args.map((arg) => arg.literal ?? "\0").join(" ")
      return line === "--version" || (name === "cloud-init" && /^status( --(long|wait))?$/.test(line))
        ? { class: "read", why: "prints its version or status" }
        : { class: "unknown", why: `${name} runs what its configuration says` }
    },
    read: ["cloud-init status --long", "puppet --version"],
    notRead: ["puppet agent -t", "salt '*' cmd.run id", "cloud-init clean", "facter --custom-dir x", "salt-call x"]
  },
  always(
    "packer pulumi serverless doctl hcloud linode-cli eksctl gsutil bq s3cmd mc restic borg duplicity kops argocd flux istioctl",
    "unknown",
    "is not modelled",
    ["gsutil cp a b", "restic restore x", "mc mirror a b", "borg create x"]
  )
]
