export { type BreachDeadlines, type BreachHistory, breachDeadlines } from "./clocks/breach-clock.ts"
export { type Day, InvalidClock, type LegalCalendar } from "./clocks/calendar.ts"
export { type LegalTerm, REQUEST_REGIMES, type RegimeName, type RequestRegime } from "./clocks/regime.ts"
export {
  type Deadline,
  type RequestClockInput,
  type RequestDeadlines,
  type RequestHistory,
  requestDeadlines
} from "./clocks/request-clock.ts"
export {
  GPC_SUPPORT_PATH,
  type GpcSupport,
  gpcSupportBody,
  type HeaderValue,
  hasGpcSignal,
  InvalidGpcDate,
  varyOnGpc
} from "./gpc.ts"
