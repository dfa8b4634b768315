import { vegaRows } from '../vegaData.ts';
import type { Office } from './Geocoder.ts';
import type { Airport } from './topology.ts';

/** 3,376 airports, by state. */
export async function readAirports(): Promise<
  { key: string; value: Airport; timestamp: number }[]
> {
  const rows = await vegaRows('airports.csv');
  return rows.map(({ iata = '', name = '', state = '', latitude, longitude }, timestamp) => ({
    key: state,
    value: { iata, name, latitude: Number(latitude), longitude: Number(longitude) },
    timestamp,
  }));
}

/** 42,049 post offices. */
export async function readOffices(): Promise<Office[]> {
  const rows = await vegaRows('zipcodes.csv');
  return rows.map(({ zip_code = '', city = '', latitude, longitude }) => ({
    zip: zip_code,
    city,
    latitude: Number(latitude),
    longitude: Number(longitude),
  }));
}
