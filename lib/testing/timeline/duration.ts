const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `59s`, `1m30s`, `-5ms` in ms; null for what is none. A bare number is ms. */
export function parseDuration(text: string): number | null {
  const match = /^(-?)((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+|\d+)$/.exec(text);
  if (match === null) return null;
  const [, sign, body] = match as unknown as [string, string, string];
  if (/^\d+$/.test(body)) return (sign === '-' ? -1 : 1) * Number(body);
  let total = 0;
  for (const [, amount, unit] of body.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (unitMs[unit as string] as number);
  }
  return sign === '-' ? -total : total;
}

/**
 * The shortest way to write a time that reads back as the same; in the unit of the ruler's kind.
 */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  for (const unit of ['d', 'h', 'm', 's']) {
    const unitSize = unitMs[unit] as number;
    if (size % unitSize === 0 && (size / unitSize < 120 || unit === 'd')) {
      return `${sign}${size / unitSize}${unit}`;
    }
  }
  return size % 1_000 === 0 ? `${sign}${size / 1_000}s` : `${sign}${size}ms`;
}
