// Files whose content is a credential, and devices that act when they are read. Printing them hands them to whoever
// reads the run's output and transcript, so a program that shows the content of one is not merely reading.
import type { Argument } from "./argument.ts"
import type { Verdict } from "./classification.ts"

const SECRET_FILES: ReadonlyArray<RegExp> = [
  /(^|[/=:@'" ])(g?shadow-?|master\.passwd|opasswd)($|[:'" ])/,
  /(^|[/=:@_'" -])id_(rsa|dsa|ecdsa|ed25519|ecdsa_sk|ed25519_sk|xmss)($|[:'" ])/,
  /ssh_host_\w+_key($|[:'" ])/,
  /(^|\/)\.ssh\/?($|\/\*|\/\.?$)/,
  /(^|[/=@'" ])\.(netrc|pgpass|my\.cnf|mylogin\.cnf|git-credentials|vault-token|pypirc|dockercfg|htpasswd|s3cfg|boto|env(\.[\w.-]+)?)($|[:'" ])/,
  /\.aws\/(credentials|\*)|\.aws\/?$|\.azure\/|gcloud\/(credentials|access_tokens|legacy_credentials|application_default)/,
  /\.docker\/config\.json|\.kube\/(config|\*)|\/kubernetes\/(admin|super-admin|kubelet|scheduler|controller-manager)\.conf|rancher\/\w+\/\w+\.yaml/,
  /\.gnupg(\/|$)|\.password-store(\/|$)|private-keys-v1|secring/,
  /\/(ssl|tls|pki|letsencrypt)\/(\S*\/)?private|\/letsencrypt\/(archive|keys|live\/\S*priv)|privkey|private[_-]?key/i,
  /(^|\/)run\/secrets(\/|$)|\/var\/lib\/kubelet\/pods\/.*secret|serviceaccount\/token/,
  /\.(key|keytab|kdbx|p12|pfx|jks|ppk|ovpn|gpg|asc|pkcs12|keystore)($|[:'" ])/i,
  /(^|\/)environ$|\/proc\/(kcore|[^/]+\/(environ|auxv|mem|pagemap|fd\/|map_files|root\/|cwd\/))/,
  /\/etc\/(sssd\/sssd\.conf|openvpn\/.*\.key|wireguard|NetworkManager\/system-connections|ppp\/(chap|pap)-secrets|ipsec\.secrets|krb5\.keytab|shadow|gshadow|security\/opasswd|cni\/net\.d\/.*kubeconfig)/,
  /(^|\/)(credentials\.(json|ya?ml|xml)|secrets?\.(json|ya?ml|env|txt)|wp-config\.php|\.?htpasswd|tokens?\.(json|txt)|passwords?\.\w+|terraform\.tfstate(\.backup)?)$|\/(credentials|passwords?|secrets?)$/i
]

/** Stand-ins for what a pattern or an unknown piece of a name may turn out to be. */
const SECRET_EXAMPLES: ReadonlyArray<string> = [
  "/etc/shadow",
  "/etc/gshadow",
  "/etc/shadow-",
  "/root/.ssh/id_rsa",
  "/root/.ssh/id_ed25519",
  "/home/user/.ssh/id_rsa",
  "~/.ssh/id_rsa",
  "~/.ssh/id_ed25519",
  "~/.aws/credentials",
  "/root/.aws/credentials",
  "/root/.my.cnf",
  "/root/.pgpass",
  "/root/.netrc",
  "/etc/ssh/ssh_host_rsa_key",
  "/etc/ssh/ssh_host_ed25519_key",
  "/etc/ssl/private/server.key",
  "/etc/letsencrypt/live/host/privkey.pem",
  "/etc/kubernetes/admin.conf",
  "/etc/kubernetes/pki/ca.key",
  "/etc/krb5.keytab",
  "/etc/wireguard/wg0.conf",
  "/proc/1/environ",
  "/proc/1/mem",
  "/proc/kcore",
  "/dev/sda",
  "/dev/mem",
  "/dev/watchdog"
]

const PUBLIC = /\.pub$|\/(authorized_keys2?|known_hosts2?|\.ssh\/config)$|\.(crt|cer|csr)$/
const HARMLESS_DEVICE = /^\/dev\/(null|zero|full|u?random|stdin|stdout|stderr|fd\/\d+|shm(\/.*)?|log)$/

/** The verdict on showing what a name refers to; none when nothing speaks against it. */
export const contentOf = (argument: Argument): Verdict | undefined => {
  const text = normalise(argument.pattern)
  const device = /(?:^|[=:@]|-\w)(\/dev\/\S*)/.exec(text)?.[1]
  if (device !== undefined && !HARMLESS_DEVICE.test(device)) {
    return {
      class: "unknown",
      why: `reading the device ${device} may act on it or show raw data`,
      range: argument.range
    }
  }
  const isSecret =
    argument.literal === undefined
      ? mayNameSecret(text, argument.spread === "several")
      : !PUBLIC.test(text) && SECRET_FILES.some((file) => file.test(text))
  return isSecret ? { class: "exfiltrate", why: `shows secret material: ${text}`, range: argument.range } : undefined
}

/** `/etc//./x/../shadow` names what `/etc/shadow` names. */
const normalise = (path: string): string => {
  if (!/\/\/|\/\.{1,2}(\/|$)/.test(path) || path.includes("://")) return path
  const segments: Array<string> = []
  for (const segment of path.split("/")) {
    if (segment === ".." && segments.length > 1 && segments.at(-1) !== "..") segments.pop()
    else if (segment !== "." && (segment !== "" || segments.length === 0)) segments.push(segment)
  }
  return segments.join("/") || "/"
}

const mayNameSecret = (pattern: string, isGlob: boolean): boolean => {
  if (PUBLIC.test(pattern)) return false
  const withoutUnknown = pattern.replace(/[*?]+/g, "x")
  if (/\//.test(pattern) && SECRET_FILES.some((file) => file.test(withoutUnknown))) return true
  if (!/^[~/].*\//.test(pattern)) return false
  const escaped = pattern
    .replace(/[.+^${}()|\\[\]]/g, "\\$&")
    .replace(/\?/g, "[^/]")
    .replace(/\*+/g, isGlob ? "[^/]*" : ".*")
  const whole = new RegExp(`^${escaped}$`)
  return SECRET_EXAMPLES.some((example) => whole.test(example))
}
