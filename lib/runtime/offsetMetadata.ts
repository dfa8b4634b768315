/** What a committed offset says beside the offset: what a restart cannot know otherwise. */
export interface OffsetMetadata {
  /** The highest event time of this partition; -1: none. */
  readonly partitionTime: number;
  /** The transactional producer that committed it: a new owner fences it. */
  readonly transactionalId: string | null;
  /** Behind a repartition: what each upstream task said last. */
  readonly lanes: readonly { readonly time: number; readonly atEnd: boolean }[];
}

const version = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Brokers refuse more than 4096 characters; base64 makes four of three. */
const mostBytes = 3072;
const laneBytes = 9;

/** Lanes that find no room are left out: the upstream tasks say so again. */
export function encodeOffsetMetadata(o: OffsetMetadata): string {
  const id = encoder.encode(o.transactionalId ?? '');
  const head = 1 + 8 + 2 + id.length;
  const lanes = o.lanes.slice(0, Math.floor((mostBytes - head) / laneBytes));
  const bytes = new Uint8Array(head + lanes.length * laneBytes);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, version);
  view.setFloat64(1, o.partitionTime);
  view.setUint16(9, id.length);
  bytes.set(id, 11);
  lanes.forEach((lane, i) => {
    view.setFloat64(head + i * laneBytes, lane.time);
    view.setUint8(head + i * laneBytes + 8, lane.atEnd ? 1 : 0);
  });
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Null for what is not ours: an offset that another tool has set. */
export function decodeOffsetMetadata(text: string | undefined): OffsetMetadata | null {
  if (text === undefined || text === '') return null;
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch {
    return null;
  }
  if (bytes.length < 11 || bytes[0] !== version) return null;
  const view = new DataView(bytes.buffer);
  const head = 11 + view.getUint16(9);
  if (bytes.length < head) return null;
  const id = decoder.decode(bytes.subarray(11, head));
  const lanes: { time: number; atEnd: boolean }[] = [];
  for (let at = head; at + laneBytes <= bytes.length; at += laneBytes) {
    lanes.push({ time: view.getFloat64(at), atEnd: view.getUint8(at + 8) === 1 });
  }
  return { partitionTime: view.getFloat64(1), transactionalId: id === '' ? null : id, lanes };
}
