export {
  GPC_SUPPORT_PATH,
  type GpcSupport,
  gpcSupportBody,
  type HeaderValue,
  hasGpcSignal,
  InvalidGpcDate,
  varyOnGpc
} from "./gpc.ts"
