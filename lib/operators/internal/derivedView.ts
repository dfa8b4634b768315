import type { Row } from '../../state/RowStore.ts';
import type { TableView } from '../../topology/NodeContext.ts';

/**
 * A table that is computed from another whenever somebody looks: no store of its own. `derive`
 * answers null where there is no row.
 */
export function derivedView(
  view: TableView<unknown, unknown>,
  derive: (value: unknown, key: unknown) => unknown,
): TableView<unknown, unknown> {
  const derived = (key: unknown, row: Row<unknown> | undefined): Row<unknown> | undefined => {
    if (row === undefined) return undefined;
    const value = derive(row.value, key);
    return value === null ? undefined : { value, timestamp: row.timestamp };
  };
  const { getAsOf, latestTime } = view;
  return {
    get: (key) => derived(key, view.get(key)),
    keep: () => view.keep?.(),
    tellsPrevious: (must) => view.tellsPrevious?.(must) ?? true,
    ...(getAsOf && latestTime
      ? {
          getAsOf: (key: unknown, asOf: number) => derived(key, getAsOf.call(view, key, asOf)),
          latestTime: (key: unknown) => latestTime.call(view, key),
        }
      : {}),
  };
}
