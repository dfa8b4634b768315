import { lastValueFrom, map, mergeMap, type Observable, range, scan, takeWhile } from 'rxjs';
import { type KafkaClient, type KRecord, partition, type Windowed } from 'rxkstreams';
import { type Hour, hours } from './topology.ts';

export interface Row extends Hour {
  readonly state: string;
  readonly hour: string;
}

export function rowOf({ key, value }: KRecord<Windowed<string>, Hour>): Row {
  return { state: key.key, hour: new Date(key.start).toISOString(), ...value };
}

/** The output topic's rows, until they count all flights. */
export function rowsUntil(client: KafkaClient, flights: number): Promise<Map<string, Row>> {
  const records: Observable<KRecord<Windowed<string>, Hour>> = range(0, 4).pipe(
    mergeMap((n) => partition(client, hours, n, { from: 'earliest' })),
  );
  let counted = 0;
  return lastValueFrom(
    records.pipe(
      map(rowOf),
      scan((rows, row) => {
        const id = `${row.state} ${row.hour}`;
        counted += row.flights - (rows.get(id)?.flights ?? 0);
        return rows.set(id, row);
      }, new Map<string, Row>()),
      takeWhile(() => counted < flights, true),
    ),
  );
}

/** The ten worst hours, and the mean delay of the states with most flights as bars. */
export function report(rows: readonly Row[]): string {
  const worst = [...rows].sort((a, b) => b.meanDelay - a.meanDelay).slice(0, 10);
  const lines = worst.map(
    (r) =>
      `${r.state.padEnd(5)}  ${r.hour.slice(0, 13).replace('T', ' ')}h  ${String(r.flights).padStart(7)}  ${r.meanDelay.toFixed(1).padStart(10)}`,
  );
  const states = new Map<string, { flights: number; delay: number }>();
  for (const row of rows) {
    const sum = states.get(row.state) ?? { flights: 0, delay: 0 };
    sum.flights += row.flights;
    sum.delay += row.meanDelay * row.flights;
    states.set(row.state, sum);
  }
  const bars = [...states]
    .sort(([, a], [, b]) => b.flights - a.flights)
    .slice(0, 8)
    .map(([state, { flights, delay }]) => {
      const mean = delay / flights;
      const bar = '█'.repeat(Math.max(0, Math.round(mean * 2)));
      return `${state.padEnd(5)}  ${String(flights).padStart(6)} flights  ${mean.toFixed(1).padStart(5)} min  ${bar}`;
    });
  return [
    'The ten worst hours',
    'state  hour            flights  mean delay',
    ...lines,
    '',
    'Mean delay where most flights leave',
    ...bars,
    '',
  ].join('\n');
}
