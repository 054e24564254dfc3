export { type ScannedHostKey, scanHostKey } from "./scan-host-key.ts"
export type { SshSettings } from "./settings.ts"
export { sshExecutor } from "./ssh-executor.ts"
