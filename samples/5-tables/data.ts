import { type MemoryKafka, produce } from 'rxkstreams';
import { vegaData } from '../vegaData.ts';
import { boxOffice, ratings } from './topology.ts';

interface Movie {
  Title: string | number;
  'Release Date': string;
  Director: string | null;
  'Worldwide Gross': number | null;
  'IMDB Rating': number | null;
}

/** 3,201 films; what is not known of one is in no topic. */
export async function readMovies(): Promise<Movie[]> {
  return JSON.parse(await vegaData('movies.json')) as Movie[];
}

/** There are films of one name. */
export function titleOf(movie: Movie): string {
  return `${movie.Title} (${movie['Release Date'].slice(-4)})`;
}

export function tenthsOf(movie: Movie): number | null {
  const rating = movie['IMDB Rating'];
  return rating === null ? null : Math.round(rating * 10);
}

/** Fills two topics with as many partitions: what films earned, and how they are rated. */
export async function prepare(client: MemoryKafka): Promise<void> {
  for (const { topic } of [boxOffice, ratings]) client.createTopic({ topic, partitions: 4 });
  const movies = await readMovies();
  const earned = movies.flatMap((movie, timestamp) => {
    const { Director: director, 'Worldwide Gross': gross } = movie;
    return gross === null ? [] : [{ key: titleOf(movie), value: { director, gross }, timestamp }];
  });
  const rated = movies.flatMap((movie, timestamp) => {
    const value = tenthsOf(movie);
    return value === null ? [] : [{ key: titleOf(movie), value, timestamp }];
  });
  await produce(client, boxOffice, earned);
  await produce(client, ratings, rated);
}
