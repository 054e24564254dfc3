export { type ScannedHostKey, scanHostKey, scanHostKeyThrough } from "./scan-host-key.ts"
export { DEFAULT_SETTINGS, SshDefaults, type SshSettings } from "./settings.ts"
export { sshExecutor } from "./ssh-executor.ts"
