// Web servers, proxies and what is around them.

import { always } from "../judges/changing.ts"
import type { Form, Model } from "../model.ts"

const alone = (flags: string): Form => ({ style: "whole", flags, needs: flags, operands: 0 })

export const web: ReadonlyArray<Model> = [
  {
    names: "nginx openresty",
    ...alone("-t -T -v -V -h -tq"),
    read: ["nginx -t", "nginx -T", "nginx -V"],
    notRead: ["nginx", "nginx -s reload", "nginx -t -c /tmp/x", "nginx -g 'daemon off;' -t", "nginx -t -p /x"]
  },
  {
    names: "apachectl apache2ctl httpd apache2 httpd2",
    ...alone("-t -v -V -S -M -l -L configtest"),
    read: ["apachectl -S", "httpd -t", "apache2ctl -M", "apachectl configtest"],
    notRead: [
      "apachectl restart",
      "httpd -f /tmp/x -t",
      "httpd -C 'x' -t",
      "apache2ctl graceful",
      "httpd -k stop",
      "httpd"
    ],
    judge: (call) => {
      const words = call.args.map((arg) => arg.literal)
      return (words.length === 1 &&
        (/^-[tvVSMlL]$/.test(words[0] ?? "") || (words[0] === "configtest" && /ctl$/.test(call.name)))) ||
        (words.length === 3 && words.join(" ") === "-t -D DUMP_VHOSTS")
        ? { class: "read", why: "checks or shows the configuration" }
        : { class: "unknown", why: `${call.name} may start, stop or load something` }
    }
  },
  {
    names: "haproxy",
    judge: ({ args }) => {
      const line = args.map((arg) => arg.literal ?? "\0").join(" ")
      return /^(-v|-vv|-c -f \/etc\/haproxy\/[\w./-]+|-f \/etc\/haproxy\/[\w./-]+ -c)$/.test(line) &&
        !line.includes("..")
        ? { class: "read", why: "checks the configuration" }
        : { class: "unknown", why: "haproxy may start" }
    },
    read: ["haproxy -c -f /etc/haproxy/haproxy.cfg", "haproxy -v"],
    notRead: [
      "haproxy -f x",
      "haproxy -c -f x -D",
      "haproxy -c -f /etc/haproxy/../../tmp/x",
      "haproxy -f /etc/haproxy/haproxy.cfg"
    ]
  },
  {
    names: "caddy",
    subcommands: { version: { operands: 0 }, "list-modules": { operands: 0 } },
    read: ["caddy version"],
    notRead: ["caddy run", "caddy reload", "caddy validate --config x", "caddy file-server"]
  },
  {
    names: "varnishd varnishlog varnishstat lighttpd traefik envoy",
    flags: "-V -1 --version",
    needs: "-V -1 --version",
    operands: 0,
    judge: ({ name, args }) =>
      args.length === 1 && args[0]?.literal === (name === "varnishstat" ? "-1" : "-V")
        ? { class: "read", why: "prints its version or counters" }
        : { class: "unknown", why: `${name} is not known to read` },
    read: ["varnishstat -1", "varnishd -V"],
    notRead: ["varnishlog -w f", "varnishd -b x", "lighttpd -f x"]
  },
  {
    names: "named-checkconf named-checkzone rndc",
    judge: ({ name, args }) => {
      const line = args.map((arg) => arg.literal ?? "\0").join(" ")
      const known: Record<string, RegExp> = {
        rndc: /^(status|zonestatus [\w.-]+)$/,
        "named-checkconf": /^(-z|-p)?( ?\/etc\/[\w./-]+)?$/,
        "named-checkzone": /^[\w.-]+ \/[\w./-]+$/
      }
      return known[name]?.test(line) === true
        ? { class: "read", why: `${name} checks or shows` }
        : { class: "unknown", why: `${name} that is not known to read` }
    },
    read: ["rndc status", "named-checkconf -z", "named-checkzone example.com /etc/bind/db.example"],
    notRead: ["rndc reload", "rndc -c x status", "named-checkzone -o f x /y", "rndc stop"]
  },
  {
    names: "php-fpm postfix dovecot doveconf supervisorctl monit",
    judge: ({ name, args }) => {
      const line = args.map((arg) => arg.literal ?? "\0").join(" ")
      const known: Record<string, RegExp> = {
        "php-fpm": /^(-t|-tt|-v|-i|-m)$/,
        postfix: /^(check|status)$/,
        dovecot: /^(-n|--version)$/,
        doveconf: /^(-n|-a)?$/,
        supervisorctl: /^(status|avail|pid)( \w[\w:.-]*)?$/,
        monit: /^(status|summary)( \w[\w-]*)?$/
      }
      return known[name]?.test(line) === true
        ? { class: "read", why: `${name} checks or shows` }
        : { class: "unknown", why: `${name} that is not known to read` }
    },
    read: ["php-fpm -t", "supervisorctl status", "monit summary", "doveconf -n"],
    notRead: [
      "supervisorctl restart x",
      "php-fpm",
      "php-fpm -d x=y -t",
      "monit quit",
      "postfix stop",
      "supervisorctl -c x status"
    ]
  },
  always("squid vsftpd proftpd uwsgi gunicorn uvicorn ab wrk siege hey", "unknown", "serves or sends", [
    "gunicorn x",
    "ab http://x/",
    "uwsgi --exec x"
  ])
]
