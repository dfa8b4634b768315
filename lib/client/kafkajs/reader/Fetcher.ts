import { KafkaError } from '../../../errors.ts';
import type { ReaderOptions } from '../../KafkaClient.ts';
import { kafkaErrorKind, kafkaErrorOf } from '../kafkaErrors.ts';
import { Leaders } from '../Leaders.ts';
import { apiKeys } from '../protocol/apiKeys.ts';
import { BatchReader } from '../records/BatchReader.ts';
import type { Codecs } from '../records/Codecs.ts';
import {
  decodeFetch,
  encodeFetch,
  type FetchedPartition,
  type FetchResponse,
  fetchVersion,
} from '../requests/fetch.ts';
import type { NodeId, Wire } from '../Wire.ts';
import type { ReadCursor } from './ReadCursor.ts';

export interface FetcherOptions {
  readonly wire: Wire;
  readonly codecs: Codecs;
  readonly lane: string;
  readonly reader: ReaderOptions;
  /** Something changed: data, news or an error came, or a node is free again. */
  readonly onChange: () => void;
}

const offsetOutOfRange = 1;
/** The broker's own log does not pass its checks: asking again reads the same bytes. */
const corruptMessage = 2;
const answerMarginMs = 30_000;
/** How long a partition rests that could not be read and may be soon. */
const restMs = 100;

/**
 * Keeps one long poll under way to each node that leads hungry partitions. Leaders that moved and
 * nodes that are gone are found again behind the caller's back; the caller sees only that nothing
 * comes.
 */
export class Fetcher {
  readonly #o: FetcherOptions;
  readonly #busy = new Set<string>();
  readonly #urgentLane: string;
  readonly #leaders: Leaders;
  readonly #resting = new Set<ReadCursor>();
  #cancelRest: (() => void) | null = null;
  #turn = 0;
  #isClosed = false;
  /** What no repetition cures and no partition is to blame for. */
  failure: KafkaError | null = null;

  constructor(o: FetcherOptions) {
    this.#o = o;
    this.#urgentLane = `${o.lane}-urgent`;
    this.#leaders = new Leaders({
      wire: o.wire,
      onChange: o.onChange,
      onFailure: (error) => {
        this.failure = error;
      },
    });
  }

  /**
   * Asks all nodes that are free for what is hungry, holding the answer back for at most `waitMs`.
   * What was just put somewhere else goes by a second connection where the first one is held.
   */
  pump(cursors: Iterable<ReadCursor>, waitMs: number): void {
    if (this.#isClosed) return;
    const { lane } = this.#o;
    const asked = new Map<NodeId, ReadCursor[]>();
    const urgent = new Map<NodeId, ReadCursor[]>();
    const served = new Set<NodeId>();
    for (const cursor of cursors) {
      const node = cursor.follower ?? this.#leaders.of(cursor);
      if (node === null) continue;
      if (cursor.isReady && !cursor.isDraining) served.add(node);
      if (!cursor.isHungry || cursor.isResting) continue;
      if (!this.#isBusy(node, lane)) addTo(asked, node, cursor);
      else if (cursor.isUrgent && !this.#isBusy(node, this.#urgentLane)) {
        addTo(urgent, node, cursor);
      }
    }
    for (const [node, some] of asked) {
      // While others on this node are still being read, a held answer would make them wait too.
      void this.#fetch(node, lane, some, served.has(node) ? 0 : waitMs);
    }
    for (const [node, some] of urgent) void this.#fetch(node, this.#urgentLane, some, 0);
    this.#leaders.search();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRest?.();
    this.#leaders.close();
    this.#o.wire.closeLane(this.#o.lane);
    this.#o.wire.closeLane(this.#urgentLane);
  }

  #isBusy(node: NodeId, lane: string): boolean {
    return this.#busy.has(`${node}/${lane}`);
  }

  async #fetch(
    node: NodeId,
    lane: string,
    cursors: readonly ReadCursor[],
    waitMs: number,
  ): Promise<void> {
    this.#busy.add(`${node}/${lane}`);
    const positions = new Map(cursors.map((cursor) => [cursor, cursor.fetchOffset]));
    for (const cursor of cursors) cursor.asked = positions;
    try {
      const answer = await this.#request(node, lane, this.#ordered(cursors), waitMs);
      if (answer.errorCode !== 0) {
        throw kafkaErrorOf(answer.errorCode, 'The broker refused to be read. Check its log.');
      }
      await this.#loadCodecs(answer, positions);
      this.#leaders.found();
    } catch (error) {
      this.#failed(error, cursors);
    } finally {
      for (const cursor of cursors) if (cursor.asked === positions) cursor.asked = null;
      this.#busy.delete(`${node}/${lane}`);
    }
    if (!this.#isClosed) this.#o.onChange();
  }

  async #request(
    node: NodeId,
    lane: string,
    cursors: readonly ReadCursor[],
    waitMs: number,
  ): Promise<FetchResponse> {
    const { wire, reader } = this.#o;
    const { maxPartitionBytes = 1_048_576, maxBytes = 16_777_216, isolation, rack = '' } = reader;
    const request = {
      maxWaitMs: Math.max(0, Math.floor(waitMs)),
      maxBytes,
      isCommittedOnly: isolation === 'read-committed',
      rack,
      partitions: cursors.map((cursor) => ({
        topic: cursor.topic,
        partition: cursor.partition,
        leaderEpoch: this.#leaders.meta(cursor)?.leaderEpoch ?? -1,
        offset: cursor.fetchOffset,
        maxBytes: maxPartitionBytes,
      })),
    };
    const options = { lane, timeoutMs: waitMs + answerMarginMs };
    const reply = await wire.request(
      node,
      apiKeys.fetch,
      fetchVersion,
      (writer) => encodeFetch(writer, request),
      options,
    );
    return decodeFetch(reply);
  }

  /**
   * Each goes first in its turn, for answers are filled from the front; cramped ones before all.
   */
  #ordered(cursors: readonly ReadCursor[]): readonly ReadCursor[] {
    const turn = this.#turn++ % cursors.length;
    const rotated = [...cursors.slice(turn), ...cursors.slice(0, turn)];
    return [
      ...rotated.filter(({ isCramped }) => isCramped),
      ...rotated.filter(({ isCramped }) => !isCramped),
    ];
  }

  /**
   * Takes the answer in; a codec met for the first time is loaded before its batches can be read.
   */
  async #loadCodecs(
    answer: FetchResponse,
    positions: ReadonlyMap<ReadCursor, number>,
  ): Promise<void> {
    const { codecs } = this.#o;
    const cursors = new Map([...positions.keys()].map((c) => [`${c.topic}/${c.partition}`, c]));
    for (const part of answer.partitions) {
      const cursor = cursors.get(`${part.topic}/${part.partition}`);
      // Sought elsewhere in the meantime: this answer is to a question no longer asked.
      if (cursor === undefined || !isAwaited(cursor, positions)) continue;
      try {
        const batches = this.#batches(cursor, part);
        const missing = batches?.codecNumbers() ?? [];
        for (const number of missing) {
          if (codecs.get(number) === undefined) await codecs.load(number);
        }
        if (isAwaited(cursor, positions)) this.#take(cursor, part, batches);
      } catch (error) {
        cursor.failure = withPlace(error, cursor);
      }
    }
  }

  #batches(cursor: ReadCursor, part: FetchedPartition): BatchReader | null {
    if (part.errorCode !== 0 || part.records === null || part.records.length === 0) return null;
    return new BatchReader(part.records, {
      codecs: this.#o.codecs,
      fromOffset: cursor.position,
      aborted: this.#o.reader.isolation === 'read-committed' ? part.aborted : null,
    });
  }

  #take(cursor: ReadCursor, part: FetchedPartition, batches: BatchReader | null): void {
    if (part.errorCode !== 0) {
      this.#takeError(cursor, part.errorCode);
      return;
    }
    cursor.isUrgent = false;
    if (part.preferredReplica >= 0) {
      cursor.follower = part.preferredReplica;
      return;
    }
    cursor.highWatermark = part.highWatermark;
    cursor.lastStableOffset = part.lastStableOffset;
    cursor.logStartOffset = part.logStartOffset;
    cursor.isCramped = batches?.isDone === true;
    if (batches === null) cursor.hasNews = true;
    else if (!cursor.isCramped) cursor.batches = batches;
  }

  #takeError(cursor: ReadCursor, errorCode: number): void {
    const { follower, topic, partition, position } = cursor;
    cursor.follower = null;
    // A follower may not have what the leader has: the leader decides.
    if (errorCode === offsetOutOfRange && follower !== null) return;
    const place = { topic, partition, offset: position };
    if (errorCode === offsetOutOfRange) {
      const advice = 'The log does not hold this offset. Seek to where reading shall go on.';
      cursor.failure = kafkaErrorOf(errorCode, advice, place);
    } else if (kafkaErrorKind(errorCode).retriable && errorCode !== corruptMessage) {
      this.#leaders.lost(topic);
      this.#rest(cursor);
    } else {
      const advice = 'The partition cannot be read. Check the rights and the log of the broker.';
      cursor.failure = kafkaErrorOf(errorCode, advice, place, { retriable: false });
    }
  }

  /** Asks about it again after a while; one timer wakes all that rest. */
  #rest(cursor: ReadCursor): void {
    cursor.isResting = true;
    this.#resting.add(cursor);
    this.#cancelRest ??= this.#o.wire.clock.after(restMs, () => {
      this.#cancelRest = null;
      for (const one of this.#resting) one.isResting = false;
      this.#resting.clear();
      this.#o.onChange();
    });
  }

  #failed(error: unknown, cursors: readonly ReadCursor[]): void {
    if (this.#isClosed) return;
    if (!(error instanceof KafkaError) || !error.retriable) {
      this.failure = withPlace(error, {});
      return;
    }
    for (const cursor of cursors) {
      cursor.follower = null;
      this.#leaders.lost(cursor.topic);
    }
  }

  /** Fails partitions that the cluster has not known for too long. */
  checkMissing(cursors: Iterable<ReadCursor>): void {
    for (const cursor of cursors) {
      if (!this.#leaders.isMissing(cursor)) continue;
      const { topic, partition } = cursor;
      cursor.failure = kafkaErrorOf(3, 'Create the topic, or check its name.', {
        topic,
        partition,
      });
    }
  }
}

function isAwaited(cursor: ReadCursor, positions: ReadonlyMap<ReadCursor, number>): boolean {
  return cursor.asked === positions && cursor.position === positions.get(cursor);
}

function addTo(map: Map<NodeId, ReadCursor[]>, node: NodeId, cursor: ReadCursor): void {
  const known = map.get(node);
  if (known === undefined) map.set(node, [cursor]);
  else known.push(cursor);
}

/** The error, told with the partition and position it is about. */
export function withPlace(error: unknown, at: Partial<ReadCursor>): KafkaError {
  const { topic, partition, position } = at;
  const place = { topic, partition, offset: position };
  if (error instanceof KafkaError) {
    if (topic === undefined) return error;
    const { code, message, kafkaCode, retriable } = error;
    const number = kafkaCode === null ? {} : { kafkaCode };
    return new KafkaError(code, message, { ...number, retriable, place, cause: error });
  }
  return new KafkaError('KAFKA', 'Reading failed by a fault of this client. Report it.', {
    place,
    cause: error,
  });
}
