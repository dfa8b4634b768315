import { StreamsError, TopologyError } from '../errors.ts';
import type { AnySerde, Serde } from './Serde.ts';
import { string } from './string.ts';

/** A topic's name and types: what reads or writes it takes serdes from here. */
export interface Topic<K, V> {
  readonly topic: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
}

/**
 * Names a topic and its types. Keys are strings unless a serde for them is given.
 */
export function topic<V>(name: string, value: Serde<V>): Topic<string, V>;
export function topic<K, V>(name: string, key: Serde<K>, value: Serde<V>): Topic<K, V>;
export function topic<K, V>(
  name: string,
  first: Serde<K> | Serde<V>,
  second?: Serde<V>,
): Topic<K, V> {
  checkName('topic', name);
  checkSerde(`topic('${name}')`, first);
  if (second === undefined) return { topic: name, key: defaultKey<K>(), value: first as Serde<V> };
  checkSerde(`topic('${name}')`, second);
  return { topic: name, key: first as Serde<K>, value: second };
}

/** Throws for what is no topic's handle: a bare name has no types. */
export function checkTopic(operator: string, handle: unknown): void {
  const { topic: name, key, value } = (handle ?? {}) as Partial<Topic<unknown, unknown>>;
  if (typeof name === 'string' && key !== undefined && value !== undefined) return;
  throw new TopologyError(
    'TOPOLOGY_INVALID',
    `${operator} was given ${typeof handle === 'string' ? `the name '${handle}'` : String(handle)}, not a topic. Make a handle: topic('name', json()), with the serde of its values.`,
  );
}

/** What brokers take as a name: handles become topics, or parts of their names. */
function checkName(maker: string, name: unknown): void {
  if (typeof name === 'string' && /^[a-zA-Z0-9._-]{1,249}$/.test(name)) return;
  throw new StreamsError(
    'INVALID_OPTION',
    `${maker}: the name is ${typeof name === 'string' ? `'${name}'` : typeof name}; it takes 1 to 249 letters, digits, dots, underscores and hyphens, as Kafka does for topics.`,
  );
}

function checkSerde(maker: string, serde: unknown): void {
  const { encode, decode } = (serde ?? {}) as Partial<Serde<unknown>>;
  if (typeof encode === 'function' && typeof decode === 'function') return;
  const what = typeof serde === 'function' ? 'a function: call it, as in string()' : String(serde);
  throw new StreamsError(
    'INVALID_OPTION',
    `${maker}: the serde is ${what}. Give one with encode and decode: string(), json(), int64(), ...`,
  );
}

/** Keys are strings; whoever has others says so by a serde. */
function defaultKey<K>(): Serde<K> {
  return string() as Serde<unknown> as Serde<K>;
}

/** The names of topics, and their types: all that match are read as one. */
export interface TopicPattern<K, V> {
  readonly pattern: RegExp;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
}

/**
 * Names all topics a pattern matches, also those that are made later. Keys are strings unless a
 * serde for them is given.
 */
export function topicPattern<V>(pattern: RegExp, value: Serde<V>): TopicPattern<string, V>;
export function topicPattern<K, V>(
  pattern: RegExp,
  key: Serde<K>,
  value: Serde<V>,
): TopicPattern<K, V>;
export function topicPattern<K, V>(
  pattern: RegExp,
  first: Serde<K> | Serde<V>,
  second?: Serde<V>,
): TopicPattern<K, V> {
  return second === undefined
    ? { pattern, key: defaultKey<K>(), value: first as Serde<V> }
    : { pattern, key: first as Serde<K>, value: second };
}

export interface StoreOptions<K> {
  /** The name this store had in an earlier version of the topology: its rows are kept. */
  readonly formerly?: string;
  /** Rows older than this, in stream time, are deleted. */
  readonly ttlMs?: number;
  /** How keys become bytes; default: strings. */
  readonly key?: Serde<K>;
}

export interface WindowStoreOptions<K> extends StoreOptions<K> {
  /** How long rows can be read; default: the windows' size and grace. */
  readonly retentionMs?: number;
}

/** Without a serde for keys they are strings, whatever comes in: else they could not be written. */
type Unkeyed<O> = Omit<O, 'key'>;
type Keyed<O, K> = O & { readonly key: Serde<K> };

interface Store<Kind extends string, K, V> {
  readonly kind: Kind;
  /** Outlives the process: it names the changelog topic. */
  readonly store: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  readonly formerly: string | undefined;
  readonly ttlMs: number | undefined;
  readonly retentionMs: number | undefined;
}

export type KeyValueStore<K, V> = Store<'key-value', K, V>;
export type WindowStore<K, V> = Store<'window', K, V>;
export type SessionStore<K, V> = Store<'session', K, V>;
export type VersionedStore<K, V> = Store<'versioned', K, V>;
/** A store's handle, whatever its types. */
export interface AnyStore extends Omit<Store<StoreKind, never, never>, 'key' | 'value'> {
  readonly key: AnySerde;
  readonly value: AnySerde;
}
export type StoreKind = 'key-value' | 'window' | 'session' | 'versioned';

/** Names a store of rows by key. */
export function keyValueStore<V>(
  name: string,
  value: Serde<V>,
  o?: Unkeyed<StoreOptions<string>>,
): KeyValueStore<string, V>;
export function keyValueStore<V, K>(
  name: string,
  value: Serde<V>,
  o: Keyed<StoreOptions<K>, K>,
): KeyValueStore<K, V>;
export function keyValueStore<V, K>(
  name: string,
  value: Serde<V>,
  o: StoreOptions<K> = {},
): KeyValueStore<K, V> {
  return handle('key-value', name, value, o);
}

/** Names a store of rows by key and window start. */
export function windowStore<V>(
  name: string,
  value: Serde<V>,
  o?: Unkeyed<WindowStoreOptions<string>>,
): WindowStore<string, V>;
export function windowStore<V, K>(
  name: string,
  value: Serde<V>,
  o: Keyed<WindowStoreOptions<K>, K>,
): WindowStore<K, V>;
export function windowStore<V, K>(
  name: string,
  value: Serde<V>,
  o: WindowStoreOptions<K> = {},
): WindowStore<K, V> {
  return handle('window', name, value, o);
}

/** Names a store of rows by key and session bounds. */
export function sessionStore<V>(
  name: string,
  value: Serde<V>,
  o?: Unkeyed<WindowStoreOptions<string>>,
): SessionStore<string, V>;
export function sessionStore<V, K>(
  name: string,
  value: Serde<V>,
  o: Keyed<WindowStoreOptions<K>, K>,
): SessionStore<K, V>;
export function sessionStore<V, K>(
  name: string,
  value: Serde<V>,
  o: WindowStoreOptions<K> = {},
): SessionStore<K, V> {
  return handle('session', name, value, o);
}

/** Names a store that remembers each row's versions for `retentionMs`. */
export function versionedStore<V>(
  name: string,
  value: Serde<V>,
  o: Unkeyed<StoreOptions<string>> & { readonly retentionMs: number },
): VersionedStore<string, V>;
export function versionedStore<V, K>(
  name: string,
  value: Serde<V>,
  o: Keyed<StoreOptions<K>, K> & { readonly retentionMs: number },
): VersionedStore<K, V>;
export function versionedStore<V, K>(
  name: string,
  value: Serde<V>,
  o: StoreOptions<K> & { readonly retentionMs: number },
): VersionedStore<K, V> {
  return handle('versioned', name, value, o);
}

function handle<Kind extends StoreKind, K, V>(
  kind: Kind,
  name: string,
  value: Serde<V>,
  o: WindowStoreOptions<K>,
): Store<Kind, K, V> {
  checkName(`${kind} store`, name);
  checkSerde(`the store '${name}'`, value);
  if (o.key !== undefined) checkSerde(`the store '${name}'`, o.key);
  return {
    kind,
    store: name,
    key: o.key ?? defaultKey<K>(),
    value,
    formerly: o.formerly,
    ttlMs: o.ttlMs,
    retentionMs: o.retentionMs,
  };
}
