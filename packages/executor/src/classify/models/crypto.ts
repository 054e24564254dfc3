// Certificates, keys and signatures.
import { always } from "../judges/changing.ts"
import type { Form, Model } from "../model.ts"

const X509: Form = {
  style: "whole",
  flags:
    "-in: -inform:name -noout -text -dates -subject -issuer -serial -fingerprint -enddate -startdate -checkend:number -checkhost:name -checkip:name -sha256 -sha1 -md5 -pubkey -modulus -hash -subject_hash -issuer_hash -email -ext:name -nameopt:name -purpose -ocsp_uri -alias -certopt:name",
  operands: 0
}
const CLIENT: Form = {
  style: "whole",
  flags:
    "-connect:name -servername:name -showcerts -brief -tls1_2 -tls1_3 -tls1_1 -tls1 -starttls:name -verify:number -verify_return_error -status -alpn:name -CApath:name -no_ign_eof -prexit -verify_hostname:name -cipher:name",
  operands: 0,
  needs: "-connect"
}
const SUMS: Form = { style: "whole", flags: "-sha256 -sha512 -sha1 -md5 -r -hex", contentFrom: "none" }

export const crypto: ReadonlyArray<Model> = [
  {
    names: "openssl",
    judge: (call) => {
      const [command, ...rest] = call.args
      const name = command?.literal ?? ""
      if (name === "s_client") {
        // Whatever stands on its input is sent.
        const isFed = call.scope.input === "data"
        return isFed ? { class: "exfiltrate", why: "openssl s_client sends its input" } : call.apply(S_CLIENT, rest)
      }
      const form = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
      return form === undefined
        ? { class: "unknown", why: `openssl ${name} is not known to read` }
        : call.apply(form, rest)
    },
    read: [
      "openssl x509 -in c.pem -noout -dates",
      "openssl s_client -connect h:443 -servername h </dev/null",
      "openssl version -a",
      "echo | openssl s_client -connect h:443 | openssl x509 -noout -enddate",
      "openssl verify -CAfile ca.pem c.pem",
      "openssl ciphers -v",
      "openssl crl -in x -noout -text",
      "openssl dgst -sha256 f",
      "openssl rand -hex 16",
      "openssl pkcs12 -info -in a.p12 -nokeys"
    ],
    notRead: [
      "openssl enc -in f -out g",
      "openssl x509 -in c -out d",
      "openssl s_client -connect h:1 < f",
      "cat f | openssl s_client -connect h:1",
      "openssl s_server -port 1",
      "openssl req -engine ./x.so",
      "openssl rsa -in k",
      "openssl genrsa 2048",
      "openssl x509 -engine x",
      "openssl x509 -provider-path /x -in c",
      "openssl dgst -out f g",
      "openssl",
      "openssl s_client -connect h:1 -keylogfile f",
      "openssl version -engine x",
      "openssl pkcs12 -in x -nodes",
      "openssl pkcs12 -in x -nokeys -out f",
      "openssl rand -out f 16",
      "openssl rand -writerand f 16",
      "openssl s_client -connect h:1 -sess_out f"
    ]
  },
  {
    names: "gpg gpg2",
    flags:
      "-k --list-keys --list-public-keys --list-sigs --fingerprint --verify --with-colons --keyid-format=name --batch --no-tty",
    needs: "-k --list-keys --list-public-keys --list-sigs --fingerprint --verify",
    contentFrom: "none",
    operands: /^[\w@.:/ -]+$/,
    read: ["gpg --list-keys", "gpg --verify a.sig a"],
    notRead: [
      "gpg -d f",
      "gpg --export-secret-keys",
      "gpg -o f --verify x",
      "gpg --import k",
      "gpg --list-keys --photo-viewer sh",
      "gpg --homedir /x --list-keys",
      "gpg -K --export"
    ]
  },
  {
    names: "ssh-keygen",
    flags: "-lv -f: -E:name -F:name -L",
    needs: "-l -F -L",
    contentFrom: "none",
    operands: 0,
    read: ["ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub", "ssh-keygen -F host"],
    notRead: [
      "ssh-keygen -t ed25519",
      "ssh-keygen -R h",
      "ssh-keygen -D ./lib.so",
      "ssh-keygen -y -f k",
      "ssh-keygen -p -f k",
      "ssh-keygen -l -D ./x.so"
    ]
  },
  {
    names: "ssh-keyscan",
    flags: "-46H -t:name -p:number -T:number",
    isNetwork: true,
    contentFrom: "none",
    operands: /^[\w.:-]+$/,
    read: ["ssh-keyscan -t ed25519 host"],
    notRead: ["ssh-keyscan -f f", "ssh-keyscan $X"]
  },
  {
    names: "ssh-add",
    flags: "-lL",
    needs: "-l -L",
    operands: 0,
    read: ["ssh-add -l"],
    notRead: ["ssh-add", "ssh-add k", "ssh-add -D", "ssh-add -s ./x.so"]
  },
  {
    names: "certbot",
    flags: "-q",
    subcommands: { certificates: { operands: 0, flags: "-d:name --cert-name=name" }, plugins: { operands: 0 } },
    read: ["certbot certificates"],
    notRead: ["certbot renew", "certbot renew --pre-hook sh", "certbot certificates --config-dir /x", "certbot delete"]
  },
  {
    names: "sshd",
    flags: "-tT",
    needs: "-t -T",
    operands: 0,
    read: ["sshd -t", "sshd -T"],
    notRead: ["sshd", "sshd -D", "sshd -T -o x=y", "sshd -t -f /tmp/x"]
  },
  {
    names: "mokutil",
    flags: "--sb-state --list-enrolled",
    needs: "--sb-state --list-enrolled",
    operands: 0,
    read: ["mokutil --sb-state"],
    notRead: ["mokutil --import k", "mokutil"]
  },
  always(
    "age pass secret-tool keytool certtool cfssl step acme.sh ssh-agent gpg-agent gpgconf",
    "unknown",
    "works with keys",
    ["age -d x", "pass show x", "ssh-agent sh", "keytool -list"]
  )
]

const S_CLIENT = CLIENT
const COMMANDS: Readonly<Record<string, Form>> = {
  x509: X509,
  crl: { style: "whole", flags: "-in: -inform:name -noout -text -lastupdate -nextupdate -issuer", operands: 0 },
  req: { style: "whole", flags: "-in: -noout -text -subject -verify -pubkey", operands: 0, needs: "-in" },
  version: { style: "whole", flags: "-a -v -d -b -o -p", operands: 0 },
  ciphers: { style: "whole", flags: "-v -V -s -tls1_2 -tls1_3", operands: 1 },
  verify: { style: "whole", flags: "-CAfile: -CApath: -untrusted: -purpose:name -show_chain -verbose -x509_strict" },
  dgst: SUMS,
  sha256: SUMS,
  md5: SUMS,
  rand: { style: "whole", flags: "-hex -base64", operands: /^\d+$/ },
  pkcs12: {
    style: "whole",
    flags: "-in: -info -nokeys -noout -passin:",
    needs: "-nokeys",
    operands: 0,
    contentFrom: "none"
  },
  asn1parse: { style: "whole", flags: "-in: -inform:name -i", operands: 0 }
}
