import { stringify } from "yaml"
import type { RuleDocument } from "../rules.ts"
import type { RunbookDocument } from "../runbook/document.ts"

const COLUMNS = 120

/** The rules as YAML, for a file that people go on writing. */
export const rulesYaml = (document: RuleDocument): string => yaml(document)

/** The same for a runbook. */
export const runbookYaml = (document: RunbookDocument): string => yaml(document)

const yaml = (document: object): string => stringify(document, { lineWidth: COLUMNS, aliasDuplicateObjects: false })
