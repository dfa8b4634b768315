import { get, isObject, type Json, type Key, keyStr, num, sameJson, str, text } from './values.ts';

/** The part before the first `:`, and what follows it (undefined when there is none). */
function split(spec: string): [name: string, argument: string | undefined] {
  const at = spec.indexOf(':');
  return at < 0 ? [spec, undefined] : [spec.slice(0, at), spec.slice(at + 1)];
}

function unknown(what: string, spec: string): Error {
  return new Error(`the vocabulary has no ${what} '${spec}'`);
}

/** The field an optional argument names, or the value itself. */
function pick(value: Json, path: string | undefined): Json {
  return path === undefined || path === '' ? value : get(value, path);
}

export type Mapper = (key: Key, value: Json) => Json;

export function valueMapper(spec: string): Mapper {
  const [name, argument] = split(spec);
  const arg = argument ?? '';
  switch (name) {
    case 'identity':
      return (_, v) => v;
    case 'field':
      return (_, v) => get(v, arg);
    case 'upper':
      return (_, v) => (typeof v === 'string' ? v.toUpperCase() : v);
    case 'const': {
      const constant = JSON.parse(arg) as Json;
      return () => constant;
    }
    case 'null':
      return () => null;
    case 'wrap':
      return (_, v) => ({ [arg]: v });
    case 'keyed':
      return (k, v) => ({ k: k as Json, v });
    case 'set': {
      const [field, json] = split(arg);
      const set = JSON.parse(json as string) as Json;
      return (_, v) => (v === null ? null : { ...(isObject(v) ? v : {}), [field]: set });
    }
    case 'add': {
      const [field, amount] = split(arg);
      return (_, v) =>
        v === null
          ? null
          : { ...(isObject(v) ? v : {}), [field]: num(get(v, field)) + Number(amount) };
    }
    case 'plus':
      return (_, v) => (v === null ? null : num(v) + Number(arg));
    case 'str':
      return (_, v) => str(v);
    case 'size':
      return (_, v) => size(v);
    case 'nullIf': {
      const holds = predicate(arg);
      return (k, v) => (holds(k, v) ? null : v);
    }
  }
  throw unknown('value mapper', spec);
}

function size(value: Json): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 0;
}

export type Predicate = (key: Key, value: Json) => boolean;

export function predicate(spec: string): Predicate {
  const [name, argument] = split(spec);
  const arg = argument ?? '';
  switch (name) {
    case 'true':
      return () => true;
    case 'false':
      return () => false;
    case 'not': {
      const holds = predicate(arg);
      return (k, v) => !holds(k, v);
    }
    case 'nonNull':
      return (_, v) => v !== null;
    case 'isNull':
      return (_, v) => v === null;
    case 'hasKey':
      return (k) => k !== null;
    case 'keyEq':
      return (k) => keyStr(k) === arg;
    case 'keyPrefix':
      return (k) => keyStr(k)?.startsWith(arg) ?? false;
    case 'gt':
      return compare(arg, (a, b) => a > b);
    case 'ge':
      return compare(arg, (a, b) => a >= b);
    case 'lt':
      return compare(arg, (a, b) => a < b);
    case 'le':
      return compare(arg, (a, b) => a <= b);
    case 'eq': {
      const [field, json] = split(arg);
      const expected = JSON.parse(json as string) as Json;
      return (_, v) => sameJson(pick(v, field), expected);
    }
    case 'even':
      return (_, v) => {
        const n = pick(v, argument);
        return typeof n === 'number' && n % 2 === 0;
      };
  }
  throw unknown('predicate', spec);
}

function compare(arg: string, holds: (a: number, b: number) => boolean): Predicate {
  const [field, limit] = split(arg);
  return (_, v) => {
    const n = pick(v, field);
    return typeof n === 'number' && holds(n, Number(limit));
  };
}

export type Selector = (key: Key, value: Json) => Key;

export function keySelector(spec: string): Selector {
  const [name, argument] = split(spec);
  const arg = argument ?? '';
  switch (name) {
    case 'key':
      return (k) => k;
    case 'null':
      return () => null;
    case 'const':
      return () => arg;
    case 'field':
      return (_, v) => text(get(v, arg));
    case 'value':
      return (_, v) => text(v);
    case 'keyUpper':
      return (k) => keyStr(k)?.toUpperCase() ?? null;
    case 'keyPrefix':
      return (k) => keyStr(k)?.slice(0, Number(arg)) ?? null;
    case 'keyPlusField':
      return (k, v) => `${keyStr(k)}:${str(get(v, arg))}`;
    case 'windowKey':
      return (k) => (k === null || typeof k === 'string' ? k : k.key);
    case 'windowStart':
      return (k) => (k === null || typeof k === 'string' ? k : String(k.start));
    case 'keyStr':
      return (k) => keyStr(k);
  }
  throw unknown('key selector', spec);
}

export type Flat = (key: Key, value: Json) => readonly (readonly [Key, Json])[];

export function flat(spec: string): Flat {
  const [name, argument] = split(spec);
  switch (name) {
    case 'explode':
      return (k, v) => {
        const list = pick(v, argument);
        return Array.isArray(list) ? (list as Json[]).map((element) => [k, element] as const) : [];
      };
    case 'times':
      return (k, v) => Array.from({ length: Number(argument) }, () => [k, v] as const);
    case 'words':
      return (_, v) => {
        const line = pick(v, argument);
        if (typeof line !== 'string') return [];
        return line
          .split(' ')
          .filter((word) => word !== '')
          .map((word) => [word, word] as const);
      };
    case 'entries':
      return (_, v) => {
        const object = pick(v, argument);
        return isObject(object) ? Object.entries(object) : [];
      };
  }
  throw unknown('flat', spec);
}

export type Reducer = (a: Json, b: Json) => Json;

export function reducer(spec: string): Reducer {
  const [name, argument] = split(spec);
  switch (name) {
    case 'latest':
      return (_, b) => b;
    case 'first':
      return (a) => a;
    case 'concat':
      return (a, b) => str(a) + str(b);
    case 'sum':
      if (argument === undefined) return (a, b) => num(a) + num(b);
      return (a, b) => ({
        ...(isObject(b) ? b : {}),
        [argument]: num(get(a, argument)) + num(get(b, argument)),
      });
    case 'minus':
      return (a, b) => num(a) - num(b);
    case 'max':
      return (a, b) => Math.max(num(a), num(b));
    case 'min':
      return (a, b) => Math.min(num(a), num(b));
    case 'sumNullAtZero':
      return (a, b) => num(a) + num(b) || null;
    case 'removeStr':
      return (a, b) => {
        const [from, part] = [str(a), str(b)];
        return from.includes(part) ? from.replace(part, () => '') : `${from}${part}!`;
      };
  }
  throw unknown('reducer', spec);
}

export type Aggregator = (key: Key, value: Json, aggregate: Json) => Json;

export function aggregator(spec: string): Aggregator {
  const [name, argument] = split(spec);
  const orEmpty = (g: Json): string => (g === null ? '' : str(g));
  switch (name) {
    case 'count':
      return (_k, _v, g) => num(g) + 1;
    case 'uncount':
      return (_k, _v, g) => num(g) - 1;
    case 'sum':
      return (_, v, g) => num(g) + num(pick(v, argument));
    case 'minus':
      return (_, v, g) => num(g) - num(pick(v, argument));
    case 'max':
      return (_, v, g) =>
        g === null ? num(pick(v, argument)) : Math.max(num(g), num(pick(v, argument)));
    case 'concat':
      return (_, v, g) => orEmpty(g) + str(pick(v, argument));
    case 'list':
      return (_, v, g) => [...(Array.isArray(g) ? (g as Json[]) : []), pick(v, argument)];
    case 'unlist':
      return (_, v, g) => {
        const list = Array.isArray(g) ? (g as Json[]) : [];
        const at = list.findIndex((element) => sameJson(element, pick(v, argument)));
        return at < 0 ? list : [...list.slice(0, at), ...list.slice(at + 1)];
      };
    case 'last':
      return (_, v) => pick(v, argument);
    case 'tag':
      return (_, v, g) => orEmpty(g) + argument + str(v);
    case 'sumNullAtZero':
      return (_, v, g) => num(g) + num(pick(v, argument)) || null;
    case 'keyed':
      return (k, v, g) => `${orEmpty(g)}${keyStr(k)}=${str(v)};`;
  }
  throw unknown('aggregator', spec);
}

export type Merger = (key: Key, a: Json, b: Json) => Json;

export function merger(spec: string): Merger {
  const orEmpty = (g: Json): string => (g === null ? '' : str(g));
  const list = (g: Json): readonly Json[] => (Array.isArray(g) ? g : []);
  switch (spec) {
    case 'sum':
      return (_, a, b) => num(a) + num(b);
    case 'max':
      return (_, a, b) => Math.max(num(a), num(b));
    case 'concat':
      return (_, a, b) => orEmpty(a) + orEmpty(b);
    case 'list':
      return (_, a, b) => [...list(a), ...list(b)];
    case 'bar':
      return (_, a, b) => `${orEmpty(a)}|${orEmpty(b)}`;
  }
  throw unknown('merger', spec);
}

export type Joiner = (key: Key, left: Json, right: Json) => Json;

export function joiner(spec: string): Joiner {
  const [name, argument] = split(spec);
  switch (name) {
    case 'pair':
      return (_, l, r) => [l, r];
    case 'obj':
      return (_, l, r) => ({ l, r });
    case 'concat':
      return (_, l, r) => `${str(l)}+${str(r)}`;
    case 'sum':
      return (_, l, r) => num(pick(l, argument)) + num(pick(r, argument));
    case 'left':
      return (_, l) => l;
    case 'right':
      return (_, _l, r) => r;
    case 'keyed':
      return (k, l, r) => ({ k: k as Json, l, r });
  }
  throw unknown('joiner', spec);
}
