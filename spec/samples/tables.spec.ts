import { expect, it } from '@jest/globals';
import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { prepare, readMovies, tenthsOf, titleOf } from '../../samples/5-tables/data.ts';
import {
  boxOffice,
  type Compared,
  compared,
  type Director,
  directors,
  filmsAndDirectors,
} from '../../samples/5-tables/topology.ts';

interface Loop {
  directors: Map<string, Director>;
  compared: Map<string, Compared>;
}

/** What plain loops over the same file compute, without one film. */
async function plainLoop(without: string | null): Promise<Loop> {
  const money = new Map<string, { director: string | null; gross: number }>();
  const tenths = new Map<string, number>();
  for (const movie of await readMovies()) {
    const { Director: director, 'Worldwide Gross': gross } = movie;
    if (gross !== null) money.set(titleOf(movie), { director, gross });
    const rated = tenthsOf(movie);
    if (rated !== null) tenths.set(titleOf(movie), rated);
  }
  if (without !== null) money.delete(without);
  const films = [...money].flatMap(([title, { director, gross }]) => {
    const rated = tenths.get(title);
    return rated === undefined || director === null
      ? []
      : [{ title, director, gross, tenths: rated }];
  });
  const sums = new Map<string, Director>();
  for (const film of films) {
    const sum = sums.get(film.director) ?? { films: 0, gross: 0 };
    sum.films += 1;
    sum.gross += film.gross;
    sums.set(film.director, sum);
  }
  const rows = films.map(({ title, ...film }): [string, Compared] => {
    const { films: count, gross } = sums.get(film.director) as Director;
    return [title, { ...film, films: count, usualGross: gross / count }];
  });
  return { directors: sums, compared: new Map(rows) };
}

it('stores hold what plain loops compute, and again when a film is taken out', async () => {
  const client = memoryKafka();
  await prepare(client);
  const app = new KafkaStreams(filmsAndDirectors, { applicationId: 'films', client });
  await app.start();
  for (const without of [null, 'Titanic (1997)']) {
    if (without !== null) {
      await produce(client, boxOffice, [{ key: without, value: null, timestamp: 10_000 }]);
    }
    await app.idle();
    const expected = await plainLoop(without);
    const sums = await app.store(directors).all();
    expect(new Map(sums.map(({ key, value }) => [key, value]))).toEqual(expected.directors);
    const rows = await app.store(compared).all();
    expect(new Map(rows.map(({ key, value }) => [key, value]))).toEqual(expected.compared);
    expect(rows.length).toBeGreaterThan(1_000);
  }
  await app.close();
}, 60_000);
