// What a plugin imports: little, so that its process starts fast.
export {
  type AsyncExecutorSpec,
  type AsyncRunContext,
  type AsyncRunResult,
  defineExecutor,
  type ExecutorHandle
} from "./facade/define.ts"
export { type HostPlace, hostPlace, hostText } from "./hosts.ts"
export {
  AuthenticationRefused,
  ConnectionLost,
  CredentialMalformed,
  HostKeyMismatch,
  StartRefused,
  StopUnconfirmed,
  TargetUnreachable
} from "./run-error.ts"
export { SDK_VERSION } from "./sdk-version.ts"
