export type { Classification, Part, Range } from "./classification.ts"
export { SEVERITY, worst } from "./classification.ts"
export { type ClassifyOptions, COMMAND_LENGTH_MAX, classify, classifyArgv } from "./classify.ts"
export { classifyLines, readLines } from "./lines.ts"
