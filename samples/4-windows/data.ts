import { vegaData } from '../vegaData.ts';
import type { Quake } from './topology.ts';

interface Feature {
  properties: { mag: number; place: string; time: number };
}
export interface Event {
  readonly key: string;
  readonly value: Quake;
  readonly timestamp: number;
}

/** 1,707 earthquakes of one week, by the place they were near, in order of time. */
export async function readQuakes(): Promise<Event[]> {
  const { features } = JSON.parse(await vegaData('earthquakes.json')) as { features: Feature[] };
  return features
    .map(({ properties: { mag, place, time } }) => ({
      key: place.split(' of ').at(-1) ?? place,
      value: { magnitude: mag },
      timestamp: time,
    }))
    .sort((a, b) => a.timestamp - b.timestamp);
}
