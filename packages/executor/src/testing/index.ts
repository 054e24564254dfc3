export { type ExecutorSubject, executorSuite } from "./executor-suite.ts"
export { startTestSshServer, type TestSshServer, type TestSshServerOptions } from "./ssh-server.ts"
export { madeExecutor, pluginExecutor } from "./suite-executors.ts"
export { runInTestHost, secretReader, type TestOutcome, type TestRun, testTarget } from "./test-host.ts"
