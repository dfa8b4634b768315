import type { Headers } from 'rxkstreams';
import type { Op } from '../Scenario.ts';

type WithHeaders = { readonly headers: Headers };

const encoder = new TextEncoder();

type MutableHeaders = Headers[number][];
const mutable = new WeakSet<Headers>();

/**
 * Kafka Streams' headers are one object for all branches of a record, which processors change in
 * place. Ours are not to be changed; `ownHeaders` has given each record a list of its own that
 * may.
 */
function headersToChange({ headers }: WithHeaders): MutableHeaders {
  return (mutable.has(headers) ? headers : [...headers]) as MutableHeaders;
}

/** Its headers, with the op's added to them. */
export function stamped(record: WithHeaders, { header = '', headerValue = '' }: Op): Headers {
  const headers = headersToChange(record);
  headers.push([header, encoder.encode(headerValue)]);
  return headers;
}

/** Its headers, with the op's taken out of them. */
export function unstamped(record: WithHeaders, { header = '' }: Op): Headers {
  const headers = headersToChange(record);
  const kept = headers.filter(([name]) => name !== header);
  headers.splice(0, headers.length, ...kept);
  return headers;
}

/** Whether the scenario changes headers in place. */
export function changesHeaders(ops: readonly Op[]): boolean {
  return ops.some(({ processor }) => processor === 'stampHeader' || processor === 'dropHeader');
}

const copying = new Set([
  'filter',
  'filterNot',
  'mapValues',
  'map',
  'flatMap',
  'flatMapValues',
  'selectKey',
  'peek',
  'repartition',
  'toStream',
  'join',
  'leftJoin',
  'outerJoin',
  'processValues',
]);

/**
 * Whether each result of the op is a new record in Kafka Streams, with a copy of the headers.
 * Through all others the one list goes on.
 */
export function copiesHeaders({ op, processor }: Op): boolean {
  return copying.has(op) || processor === 'meta';
}

/** The record with a list of headers of its own. */
export function ownHeaders<R extends { readonly headers: Headers }>(record: R): R {
  const headers = [...record.headers];
  mutable.add(headers);
  return { ...record, headers };
}
