/** The last line of every run: `12 passed, 0 failed`, with `, 1 skipped` when some were. */
exports.closingLine = function closingLine({ passed, failed, skipped = 0 }) {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
};

/** Reads a closing line back; null when the text does not end in one. */
exports.readClosingLine = function readClosingLine(text) {
  const match = /(?:^|\n)(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(text);
  if (!match) return null;
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] ?? 0) };
};
