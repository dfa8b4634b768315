import { isRetriable } from '../retry.ts';
import type { Wire } from '../Wire.ts';
import type { GroupPort, SendOptions } from './GroupPort.ts';
import { coordinatorMoved } from './groupErrors.ts';
import type { RequestKind, RequestVersion } from './groupRequests.ts';

/** The way to one group's coordinator, wherever it is at the moment. */
export class GroupCoordinator implements GroupPort {
  readonly #wire: Wire;
  readonly #groupId: string;
  readonly #lane: string;

  /** `lane` names the connection on which the coordinator may hold answers back. */
  constructor(wire: Wire, groupId: string, lane: string) {
    this.#wire = wire;
    this.#groupId = groupId;
    this.#lane = lane;
  }

  async send<Q, R extends { readonly error: number }>(
    kind: RequestKind<Q, R>,
    request: Q,
    { timeoutMs, held = false }: SendOptions = {},
  ): Promise<R> {
    const wire = this.#wire;
    const node = await wire.coordinator('group', this.#groupId);
    try {
      const { version, flexible, encode, decode } = await this.#versionOf(node, kind);
      const body = await wire.request(node, kind.apiKey, version, (w) => encode(w, request), {
        flexible,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(held ? { lane: this.#lane } : {}),
      });
      const answer = decode(body);
      if (coordinatorMoved(answer.error)) wire.forgetCoordinator('group', this.#groupId);
      return answer;
    } catch (error) {
      if (isRetriable(error)) wire.forgetCoordinator('group', this.#groupId);
      throw error;
    }
  }

  async partitionCounts(
    topics: readonly string[],
    refresh: boolean,
  ): Promise<ReadonlyMap<string, number>> {
    const cluster = await this.#wire.metadata(topics, refresh);
    const counts = new Map<string, number>();
    for (const topic of topics) {
      const meta = cluster.topics.get(topic);
      if (meta !== undefined) counts.set(topic, meta.partitions.size);
    }
    return counts;
  }

  close(): void {
    this.#wire.closeLane(this.#lane);
  }

  async #versionOf<Q, R>(node: number, kind: RequestKind<Q, R>): Promise<RequestVersion<Q, R>> {
    const lowest = kind.versions[0] as RequestVersion<Q, R>;
    const highest = kind.versions.at(-1) ?? lowest;
    const agreed = await this.#wire.apiVersion(node, kind.apiKey, lowest.version, highest.version);
    return kind.versions.findLast(({ version }) => version <= agreed) ?? lowest;
  }
}
