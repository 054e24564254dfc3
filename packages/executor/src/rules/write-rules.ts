import { stringify } from "yaml"
import type { RuleDocument } from "../rules.ts"

const COLUMNS = 120

/** The rules as YAML, for a file that people go on writing. */
export const rulesYaml = (document: RuleDocument): string =>
  stringify(document, { lineWidth: COLUMNS, aliasDuplicateObjects: false })
