export { openSeats } from "./quorum.ts"
export { type FileProblem, type RulesRead, readRules, readRuleValue } from "./read-rules.ts"
export { readRunbook } from "./read-runbook.ts"
export { rulesYaml, runbookYaml } from "./write-rules.ts"
