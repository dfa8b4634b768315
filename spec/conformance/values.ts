/** JSON as the scenarios have it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };
/** A key: text, a windowed key, or null. */
export type Key = string | null | WindowedKey;
export interface WindowedKey {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

export function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows fields; null unless each step is an object that has it. */
export function get(value: Json, path: string): Json {
  let at: Json = value;
  for (const field of path.split('.')) {
    if (!isObject(at)) return null;
    at = at[field] ?? null;
  }
  return at;
}

export function num(value: Json): number {
  return typeof value === 'number' ? value : 0;
}

export function str(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function text(value: Json): string | null {
  return value === null ? null : str(value);
}

export function keyStr(key: Key): string | null {
  if (key === null || typeof key === 'string') return key;
  return `${key.key}@${key.start}-${key.end}`;
}

export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, i) => sameJson(element, b[i] as Json));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => name in b && sameJson(a[name] as Json, b[name] as Json))
  );
}
