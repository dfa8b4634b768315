import type { Observable } from 'rxjs';
import { StreamsError } from '../errors.ts';
import type { AnyStore } from '../serde/handles.ts';
import type { ManagedStore } from '../state/RowStore.ts';
import type { Plan } from '../topology/Plan.ts';
import type { GlobalTables } from './GlobalTables.ts';
import type { StoreHost, StorePart } from './StoreHost.ts';
import type { StreamThread } from './StreamThread.ts';

interface AppStoresOptions {
  readonly plan: Plan;
  readonly endpoint: string | null;
  readonly thread: () => StreamThread | null;
  readonly globals: () => GlobalTables | null;
  readonly isRunning: () => boolean;
  readonly changes$: Observable<unknown>;
}

/** An app's stores, wherever they are. */
export class AppStores implements StoreHost {
  readonly changes$: Observable<unknown>;
  readonly #o: AppStoresOptions;

  constructor(o: AppStoresOptions) {
    this.#o = o;
    this.changes$ = o.changes$;
  }

  get isReady(): boolean {
    return this.#o.isRunning();
  }

  /** Throws for a store the topology does not have, or not as this handle says. */
  check({ store, kind }: Pick<AnyStore, 'store' | 'kind'>): void {
    const known = this.#o.plan.nodes
      .flatMap((node) => node.stores)
      .filter((s) => s.kind !== 'buffer');
    const found = known.find(({ name }) => name === store);
    if (found !== undefined && found.kind === kind) return;
    const names = known.map(({ name }) => name).join(', ');
    throw new StreamsError(
      'STORE_UNKNOWN',
      found === undefined
        ? `The topology has no store '${store}'. It has: ${names === '' ? 'none' : names}. Ask with the handle the topology was built with.`
        : `The store '${store}' is a ${found.kind} store, the handle is that of a ${kind} store: ask with the handle the topology was built with.`,
    );
  }

  parts(store: string): readonly StorePart[] {
    if (this.isGlobal(store)) {
      const found = this.#o.globals()?.store(store);
      return found === undefined ? [] : [{ partition: 0, store: widened(found) }];
    }
    const parts: StorePart[] = [];
    for (const { task } of this.#o.thread()?.tasks.running ?? []) {
      const found = task.stores.get(store);
      if (found !== undefined) parts.push({ partition: task.partition, store: widened(found) });
    }
    return parts;
  }

  partitions(store: string): number {
    const layout = this.#o.thread()?.layout.subTopologies[this.#subTopologyOf(store)];
    return layout?.tasks ?? 1;
  }

  isGlobal(store: string): boolean {
    return this.#subTopologyOf(store) < 0;
  }

  endpointOf(store: string, partition: number): string | null {
    const sub = this.#subTopologyOf(store);
    if (sub < 0) return this.#o.endpoint;
    const task = `${sub}_${partition}`;
    const host = this.#o.thread()?.news?.hosts.find(({ tasks }) => tasks.includes(task));
    return host === undefined || host.endpoint === '' ? null : host.endpoint;
  }

  #subTopologyOf(store: string): number {
    const node = this.#o.plan.nodes.find((n) => n.stores.some(({ name }) => name === store));
    return node?.subTopology ?? -1;
  }
}

function widened(store: ManagedStore<never, never>): ManagedStore<unknown, unknown> {
  return store as unknown as ManagedStore<unknown, unknown>;
}
