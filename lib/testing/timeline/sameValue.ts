/**
 * Deep equality of data: plain objects, arrays, bytes and scalars; a field that is undefined is
 * none.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = (object: object): string[] =>
    Object.entries(object).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const [left, right] = [names(a), names(b)];
  if (left.length !== right.length) return false;
  return left.every((name) =>
    sameValue((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
  );
}
