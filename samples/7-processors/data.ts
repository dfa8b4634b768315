import { vegaRows } from '../vegaData.ts';
import type { Day } from './topology.ts';

/** 1,461 days each of Seattle and New York, in order of time. */
export async function readDays(): Promise<{ key: string; value: Day; timestamp: number }[]> {
  const rows = await vegaRows('weather.csv');
  return rows
    .map(({ location = '', date = '', weather = '', temp_max }) => ({
      key: location,
      value: { weather, warmest: Number(temp_max) },
      timestamp: Date.parse(date),
    }))
    .sort((a, b) => a.timestamp - b.timestamp);
}
