const { closingLine } = require('./closingLine.cjs');

/** Ends a jest run with one plain line that a script can read: `N passed, N failed`. */
module.exports = class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const counts = {
      passed: results.numPassedTests,
      // A spec file that does not even load has no tests to count, and is a failure all the same.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    // Jest writes its own summary to standard error after the reporters: let that go first.
    process.on('exit', () => process.stdout.write(`${closingLine(counts)}\n`));
  }
};
