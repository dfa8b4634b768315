import { KafkaStreams, memoryKafka, produce } from 'rxkstreams';
import { prepare } from './data.ts';
import { boxOffice, compared, filmsAndDirectors } from './topology.ts';

const client = memoryKafka();
await prepare(client);
const app = new KafkaStreams(filmsAndDirectors, { applicationId: 'films', client });
await app.start();
await app.idle();

const short = (title: string): string => title.slice(0, 38).padEnd(38);
const millions = (dollars: number): string => `$${(dollars / 1e6).toFixed(0)}M`;
const films = (await app.store(compared).all())
  .map(({ key, value }) => ({ title: key, ...value, times: value.gross / value.usualGross }))
  .filter((film) => film.films >= 5)
  .sort((a, b) => b.times - a.times);
console.log('Films that earned many times what their director usually does:\n');
for (const film of films.slice(0, 10)) {
  console.log(
    `${short(film.title)} ★ ${(film.tenths / 10).toFixed(1)} ${millions(film.gross).padStart(6)}`,
    `${'█'.repeat(Math.round(film.times * 4))} ${film.times.toFixed(1)} x ${film.director}`,
  );
}

const titanic = 'Titanic (1997)';
const others = films.filter(
  ({ director, title }) => director === 'James Cameron' && title !== titanic,
);
console.log(`\n${titanic} is taken out of the box office, and its director's films know:\n`);
await produce(client, boxOffice, [{ key: titanic, value: null, timestamp: 10_000 }]);
await app.idle();
for (const { title, usualGross } of others) {
  const now = await app.store(compared).get(title);
  const change = `${millions(usualGross)} -> ${millions(now?.usualGross ?? 0)}`;
  console.log(`${short(title)} usual: ${change}`);
}
await app.close();
