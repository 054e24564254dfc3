// Tokens that say by their beginning what they are.
import type { SecretForm } from "./form.ts"
import { madeUp, madeUpCapitals } from "./made-up.ts"

const WORD = "A-Za-z0-9"
const DASHED = "A-Za-z0-9_-"

export const tokenForms: ReadonlyArray<SecretForm> = [
  {
    kind: "fluxcybers-token",
    starts: ["fcb_", "fcl_"],
    word: true,
    ends: true,
    parts: [{ chars: WORD, min: 49, max: 49 }],
    masked: [`fcb_${madeUp(49)}`, `https://host/#fcl_${madeUp(49)}`],
    shown: [`fcb_${madeUp(48)}`, `xfcb_${madeUp(49)}`, `fcb_${madeUp(50)}`]
  },
  {
    kind: "aws-key-id",
    starts: ["AKIA", "ASIA"],
    word: true,
    ends: true,
    parts: [{ chars: "A-Z0-9", min: 16, max: 16 }],
    masked: [`key AKIA${madeUpCapitals(16)},`, `ASIA${madeUpCapitals(16)}`],
    shown: [`AKIA${madeUpCapitals(15)}`, `AKIA${madeUpCapitals(17)}`, "AKIAlowercase1234567"]
  },
  {
    kind: "gcp-key",
    starts: ["AIza"],
    word: true,
    parts: [{ chars: DASHED, min: 35, max: 80 }],
    masked: [`AIza${madeUp(35)}`],
    shown: ["AIza", `xAIza${madeUp(35)}`]
  },
  {
    kind: "gcp-token",
    starts: ["ya29.", "GOCSPX-"],
    word: true,
    parts: [{ chars: `.${DASHED}`, min: 20, max: 2_048 }],
    masked: [`ya29.${madeUp(60)}`, `GOCSPX-${madeUp(28)}`],
    shown: ["ya29.short"]
  },
  {
    kind: "azure-signature",
    starts: ["?sig=", "&sig=", "&amp;sig=", "\\u0026sig="],
    parts: [{ chars: `${WORD}%+/=_-`, min: 20, max: 200, hidden: true }],
    masked: [`https://x.blob.core.windows.net/c?se=2027&sig=${madeUp(40)}%3D`],
    shown: ["?sig=none", `design=${madeUp(30)}`]
  },
  {
    kind: "github-token",
    starts: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
    word: true,
    parts: [{ chars: `${WORD}_`, min: 22, max: 255 }],
    masked: [`ghp_${madeUp(36)}`, `github_pat_${madeUp(22)}_${madeUp(59)}`, `x-access-token:ghs_${madeUp(36)}@`],
    shown: ["ghp_", "ghp_short", `aghp_${madeUp(36)}`]
  },
  {
    kind: "gitlab-token",
    starts: [
      "glpat-",
      "gldt-",
      "glrt-",
      "glrtr-",
      "glcbt-",
      "glptt-",
      "glft-",
      "glimt-",
      "glagent-",
      "glsoat-",
      "gloas-"
    ],
    word: true,
    parts: [{ chars: `.${DASHED}`, min: 20, max: 300 }],
    masked: [`glpat-${madeUp(20)}`, `token glrt-${madeUp(25)} used`],
    shown: ["glpat-", "glrt-short"]
  },
  {
    kind: "slack-token",
    starts: ["xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-", "xoxe-", "xoxe.", "xoxc-", "xoxd-", "xapp-"],
    word: true,
    parts: [{ chars: `${WORD}.%-`, min: 16, max: 512 }],
    masked: [`xoxb-123456789012-${madeUp(24)}`, `xapp-1-A0-${madeUp(40)}`],
    shown: ["xoxb-", "xoxp-1-2"]
  },
  {
    kind: "slack-webhook",
    starts: ["hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"],
    parts: [{ chars: `${WORD}/`, min: 16, max: 200, hidden: true }],
    masked: [`https://hooks.slack.com/services/T0/B0/${madeUp(24)}`],
    shown: ["https://hooks.slack.com/services/", "https://hooks.slack.com/docs"]
  },
  {
    kind: "stripe-key",
    starts: ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"],
    word: true,
    parts: [{ chars: `${WORD}+/=_`, min: 16, max: 255 }],
    masked: [`sk_live_${madeUp(24)}`, `whsec_${madeUp(32)}`],
    shown: ["sk_live_", `pk_live_${madeUp(24)}`]
  },
  {
    kind: "npm-token",
    starts: ["npm_"],
    word: true,
    ends: true,
    parts: [{ chars: WORD, min: 36, max: 36 }],
    masked: [`//registry.npmjs.org/:_authToken=npm_${madeUp(36)}`],
    shown: ["npm_config_registry", "npm_package_name=x", "npm_lifecycle_event"]
  },
  {
    kind: "pypi-token",
    starts: ["pypi-AgE"],
    word: true,
    parts: [{ chars: DASHED, min: 50, max: 1_000 }],
    masked: [`pypi-AgEIcHlwaS5vcmc${madeUp(60)}`],
    shown: ["pypi-AgE", "pypi-mirror"]
  },
  {
    kind: "model-api-key",
    starts: ["sk-ant-", "sk-proj-", "sk-svcacct-", "sk-admin-", "sk-or-v1-", "gsk_", "xai-", "hf_"],
    word: true,
    parts: [{ chars: DASHED, min: 32, max: 255 }],
    masked: [`sk-ant-api03-${madeUp(90)}`, `hf_${madeUp(34)}`],
    shown: ["sk-ant-", "hf_transfer", "xai-sdk"]
  },
  {
    kind: "platform-token",
    starts: [
      "dop_v1_",
      "doo_v1_",
      "dor_v1_",
      "hvs.",
      "hvb.",
      "hvr.",
      "dckr_pat_",
      "dckr_oat_",
      "shpat_",
      "shpss_",
      "shpca_",
      "lin_api_",
      "sntrys_",
      "glsa_",
      "sbp_",
      "pul-",
      "tskey-",
      "rubygems_",
      "PMAK-"
    ],
    word: true,
    parts: [{ chars: DASHED, min: 24, max: 512 }],
    masked: [`dop_v1_${madeUp(64)}`, `hvs.${madeUp(90)}`, `dckr_pat_${madeUp(27)}`, `tskey-auth-${madeUp(30)}`],
    shown: ["hvs.example", "dckr_pat_", "shpat_short"]
  },
  {
    kind: "mail-key",
    starts: ["SG.", "xkeysib-"],
    word: true,
    ends: true,
    parts: [{ chars: `.${DASHED}`, min: 32, max: 120 }],
    masked: [`SG.${madeUp(22)}.${madeUp(43)}`],
    shown: ["SG.example"]
  },
  {
    kind: "age-key",
    starts: ["AGE-SECRET-KEY-1", "AGE-PLUGIN-"],
    parts: [{ chars: "A-Z0-9-", min: 40, max: 1_000 }],
    masked: [`AGE-SECRET-KEY-1${madeUpCapitals(58)}`],
    shown: ["AGE-SECRET-KEY-1", `age1${madeUp(58)}`]
  },
  {
    kind: "jwt",
    starts: ["eyJ"],
    word: true,
    parts: [{ chars: DASHED, min: 12, max: 1_000 }, { text: "." }, { chars: `.${DASHED}`, min: 16, max: 16_384 }],
    masked: [
      `eyJ${madeUp(33)}.eyJ${madeUp(50)}.${madeUp(43)}`,
      `Cookie eyJ${madeUp(33)}..${madeUp(16)}.${madeUp(80)}.${madeUp(22)}`
    ],
    shown: ["eyJ", `eyJ${madeUp(33)}.`, `eyJ${madeUp(40)} and more`, "keyJoin.something-else-here"]
  }
]
