/** In words, when a temperature is three standard deviations or more from the others' mean. */
export function surprising(celsius: number, before: readonly number[]): string | null {
  if (before.length < 30) return null;
  const mean = before.reduce((sum, each) => sum + each, 0) / before.length;
  const squares = before.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const deviations = (celsius - mean) / Math.sqrt(squares / before.length);
  if (Math.abs(deviations) < 3) return null;
  const sign = deviations > 0 ? '+' : '';
  return `${celsius.toFixed(1)} °C (${sign}${(celsius - mean).toFixed(1)})`;
}
