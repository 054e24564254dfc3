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
export { CALIFORNIA_CATEGORIES, type CaliforniaRow, californiaTable } from "./inventory/california.ts"
export { inventoryDrift } from "./inventory/drift.ts"
export { type FidesNames, fideslangYaml } from "./inventory/fideslang.ts"
export {
  type CaliforniaCategory,
  type Category,
  type Contact,
  type Controller,
  type Dataset,
  defineInventory,
  InvalidInventory,
  type Inventory,
  type LegalBasis,
  type PersonalColumn,
  type Protection,
  type Purpose,
  type Recipient,
  type Retention,
  TECHNICAL
} from "./inventory/inventory.ts"
export { recordCsv, recordHtml } from "./inventory/record-formats.ts"
export {
  type ProcessingActivity,
  type RecordOfProcessing,
  recordOfProcessing
} from "./inventory/record-of-processing.ts"
export { personal, schemaDataset, technical } from "./inventory/schema-dataset.ts"
export {
  type Kept,
  type Letter,
  type LetterFacts,
  type LetterLanguage,
  type LetterOccasion,
  letterText,
  type RequestKind,
  writeLetter
} from "./letters/letter.ts"
