export * from "./secrets.ts"
