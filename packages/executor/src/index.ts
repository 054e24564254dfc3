export * from "./approval-keys.ts"
export {
  type BoundedDecision,
  BoundedGrant,
  BoundedGrantRefused,
  BoundedGrants,
  type BoundedRequest,
  BoundedScope,
  boundedDigest,
  type RunbookGrantRequest
} from "./bounded-grants.ts"
export { CommandInput, CommandResult, RecoverableCommandInput } from "./command-input.ts"
export { dueOccurrences, type LeadTime } from "./deadlines.ts"
export * from "./decision.ts"
export { approvalStatement, DecisionSignature } from "./decision-signature.ts"
export { defineExecutor } from "./define.ts"
export * from "./digest.ts"
export * from "./dispatcher.ts"
export * from "./execution.ts"
export * from "./executor.ts"
export { fileCommitment } from "./file-commitment.ts"
export { DownloadInput, UploadInput } from "./file-input.ts"
export * from "./gate.ts"
export { isHostPin } from "./host-pin.ts"
export * from "./hosts.ts"
export { KeyInvalid, keyCipherLayer } from "./key-cipher.ts"
export {
  importKnownHosts,
  KNOWN_HOSTS_LENGTH_MAX,
  KnownHostsImport,
  KnownHostsRefused
} from "./known-hosts/import.ts"
export { isFor, knownName } from "./known-hosts/match.ts"
export {
  type HostNames,
  type KnownHost,
  type KnownHosts,
  type KnownHostsProblem,
  parseKnownHosts
} from "./known-hosts/parse.ts"
export * from "./local.ts"
export { beyondNeeds, ExecutorNeeds } from "./needs.ts"
export { type OccurrenceFacts, occurrenceFacts } from "./occurrence-facts.ts"
export { Occurrence, OccurrenceKind, Occurrences } from "./occurrences.ts"
export * from "./pin.ts"
export * from "./plan.ts"
export * from "./plan-limits.ts"
export {
  Explanation,
  Policies,
  type PolicySettings,
  RuleSetVersion,
  RulesRefused,
  ruleSetOf,
  Simulation
} from "./policies.ts"
export * from "./ports.ts"
export * from "./recovery.ts"
export * from "./registry.ts"
export { Review, ReviewRefused, Reviews } from "./reviews.ts"
export * from "./rollout.ts"
export * from "./rule-sets.ts"
export { decodeRules, pathText, problemText, type RuleProblem } from "./rules/problems.ts"
export { type ExampleResult, runExamples } from "./rules/run-examples.ts"
export * from "./rules.ts"
export * from "./run-error.ts"
export * from "./runbooks.ts"
export * from "./schedules.ts"
export { SDK_VERSION } from "./sdk-version.ts"
export { isTagSelector, type SelectedTarget, type Selection, selectTargets } from "./selectors.ts"
export * from "./state.ts"
export { forgetPerson, tablesWithPeople } from "./store/forget-person.ts"
export { executorMigrations } from "./store/migrations.ts"
export { executorInventory } from "./store/rows.ts"
export { TargetError } from "./target-refusal.ts"
export { JUMPS_MAX } from "./target-route.ts"
export * from "./target-settings.ts"
export * from "./targets.ts"
export * from "./transcripts.ts"
export {
  type FileRequest,
  FileUnavailable,
  type OpenedFile,
  TransferredFiles,
  type UploadedRequest
} from "./transferred-files.ts"
export * from "./view/faithful-view.ts"
export { makeView, WrongStdin } from "./view/make-view.ts"
export { planChanges, type WholePlan } from "./view/plan-difference.ts"
export { NotFaithful } from "./view/read-shown.ts"
export * from "./view/read-view.ts"
export { Mark, ShownLines, ShownText, Span } from "./view/shown-text.ts"
