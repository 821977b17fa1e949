// Prints "N passed, N failed, N skipped" from vitest's JSON reports. Fails where a test was skipped for lack of what
// .ci/run installs here: a check that leaves tests out is none.
import { readFileSync } from 'node:fs'

let [passed, failed, skipped] = [0, 0, 0]
for (const path of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(path, 'utf8'))
  passed += report.numPassedTests
  failed +=
    report.numFailedTests +
    report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  skipped += report.numPendingTests + report.numTodoTests
  for (const file of report.testResults)
    for (const test of file.assertionResults)
      if (test.status === 'pending' || test.status === 'skipped') {
        console.log(`skipped: ${test.fullName}`)
        if (test.fullName.includes('which npm run setup:tests installs')) process.exitCode = 1
      }
}
if (process.exitCode === 1) console.log('FAILED: something is missing that "npm run setup:tests" installs, see above.')
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
