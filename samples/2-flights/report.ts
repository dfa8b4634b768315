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

/** One flight alone says little of an hour. */
const fewest = 3;

/** The ten worst hours, and the mean delay of the states with most flights as bars. */
export function report(rows: readonly Row[]): string {
  const telling = rows.filter(({ flights }) => flights >= fewest);
  const worst = telling.sort((a, b) => b.meanDelay - a.meanDelay).slice(0, 10);
  const hours = worst.map(({ state, hour, flights, meanDelay }) => {
    const when = `${hour.slice(0, 13).replace('T', ' ')}h`;
    return `${state.padEnd(7)}${when}${right(flights, 9)}${right(meanDelay.toFixed(1), 12)}`;
  });
  const bars = busiest(rows).map(([state, { flights, delay }]) => {
    const mean = delay / flights;
    const bar = '█'.repeat(Math.max(0, Math.round(mean * 2)));
    return `${state.padEnd(5)}${right(flights, 8)} flights${right(mean.toFixed(1), 7)} min  ${bar}`;
  });
  const head = [
    `The ten worst hours of ${fewest} flights or more`,
    'state  hour            flights  mean delay',
  ];
  return [...head, ...hours, '', 'Mean delay where most flights leave', ...bars, ''].join('\n');
}

function busiest(rows: readonly Row[]): [string, { flights: number; delay: number }][] {
  const states = new Map<string, { flights: number; delay: number }>();
  for (const { state, flights, meanDelay } of rows) {
    const sum = states.get(state) ?? { flights: 0, delay: 0 };
    states.set(state, {
      flights: sum.flights + flights,
      delay: sum.delay + meanDelay * flights,
    });
  }
  return [...states].sort(([, a], [, b]) => b.flights - a.flights).slice(0, 8);
}

function right(value: number | string, width: number): string {
  return String(value).padStart(width);
}
