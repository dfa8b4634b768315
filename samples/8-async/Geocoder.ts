import type { AsyncCall } from 'rxkstreams';

export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}
export interface Office extends Point {
  readonly zip: string;
  readonly city: string;
}
export interface Nearest {
  readonly zip: string;
  readonly city: string;
  readonly miles: number;
}

const milesPerDegree = 69.1;
const farthestMiles = 100;

/** Stands for a server: it answers a little later, at times not at the first attempt. */
export class Geocoder {
  calls = 0;
  failures = 0;
  mostAtOnce = 0;
  readonly #byLatitude: readonly Office[];
  #atOnce = 0;

  constructor(offices: readonly Office[]) {
    this.#byLatitude = [...offices].sort((a, b) => a.latitude - b.latitude);
  }

  /** Some answers take longer: they would overtake others, if nobody kept the order. */
  async nearest(point: Point, { attempt, signal }: AsyncCall): Promise<Nearest> {
    this.calls += 1;
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    await new Promise((resolve) => setTimeout(resolve, 1 + (this.calls % 7)));
    this.#atOnce -= 1;
    signal.throwIfAborted();
    const isBusy = attempt === 1 && Math.round(point.latitude * 1e4) % 10 === 0;
    if (isBusy) this.failures += 1;
    if (isBusy) throw new Error('503: try again');
    const found = this.lookUp(point);
    if (found === null) throw new Error(`404: nothing within ${farthestMiles} miles`);
    return found;
  }

  /** Goes north and south from the point, as long as there may be something nearer. */
  lookUp(point: Point): Nearest | null {
    let best: { office: Office; miles: number } | null = null;
    let within = farthestMiles;
    const middle = this.#from(point.latitude);
    for (const step of [-1, 1]) {
      for (let i = step < 0 ? middle - 1 : middle; ; i += step) {
        const office = this.#byLatitude[i];
        if (office === undefined) break;
        if (Math.abs(office.latitude - point.latitude) * milesPerDegree > within) break;
        const miles = milesBetween(point, office);
        if (miles >= within) continue;
        within = miles;
        best = { office, miles };
      }
    }
    return best === null
      ? null
      : { zip: best.office.zip, city: best.office.city, miles: Math.round(best.miles * 10) / 10 };
  }

  #from(latitude: number): number {
    let [low, high] = [0, this.#byLatitude.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#byLatitude[middle]?.latitude ?? 0) < latitude) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** On a flat map: near enough for a hundred miles. */
export function milesBetween(a: Point, b: Point): number {
  const north = a.latitude - b.latitude;
  const east = (a.longitude - b.longitude) * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot(north, east) * milesPerDegree;
}
