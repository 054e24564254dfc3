import type { Reporter, TestModule } from "vitest/node"
import { INSTALL_COMMAND, missingPrograms } from "./system-programs.ts"

/** Says which suites were left out and what installs their programs, then prints the closing line "N passed, N failed, N skipped". */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++
      for (const test of module.children.allTests()) count[test.result().state]++
    }
    const missing = missingPrograms()
    if (missing.length > 0) {
      console.log(`The suites that need ${missing.join(", ")} were skipped: not installed here. To run them too:`)
      console.log(`  ${INSTALL_COMMAND}`)
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ""
    console.log(`${count.passed} passed, ${count.failed} failed${skipped}`)
  }
}
