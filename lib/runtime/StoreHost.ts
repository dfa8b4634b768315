import type { Observable } from 'rxjs';
import type { ManagedStore } from '../state/RowStore.ts';

/** One partition of a store that is here. */
export interface StorePart {
  readonly partition: number;
  readonly store: ManagedStore<unknown, unknown>;
}

/** Where queries find stores. */
export interface StoreHost {
  /** The partitions of this store that are here, ascending. */
  parts(store: string): readonly StorePart[];
  /** In how many partitions the store lies; 1: in one, or in every instance whole. */
  partitions(store: string): number;
  /** Whether it is a global table's: whole in every instance. */
  isGlobal(store: string): boolean;
  /** Where a partition of it is, as that instance's `endpoint` option says; null when not known. */
  endpointOf(store: string, partition: number): string | null;
  /** Stores can be asked: the app runs and has restored what it has. */
  readonly isReady: boolean;
  /** Something may have changed, or moved; completes when the app is closed. */
  readonly changes$: Observable<unknown>;
}
