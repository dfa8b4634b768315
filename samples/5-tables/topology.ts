import {
  aggregate,
  foreignKeyJoin,
  groupTableBy,
  joinTables,
  json,
  keyValueStore,
  table,
  topic,
  topology,
} from 'rxkstreams';

export interface BoxOffice {
  director: string | null;
  gross: number;
}
export interface Film extends BoxOffice {
  tenths: number;
}
export interface Director {
  films: number;
  gross: number;
}
export interface Compared extends Film {
  films: number;
  usualGross: number;
}

export const boxOffice = topic('box-office', json<BoxOffice>()); // by title
export const ratings = topic('ratings', json<number>()); // by title, 0 to 100
export const directors = keyValueStore('directors', json<Director>());
export const compared = keyValueStore('compared', json<Compared>());

/** Each film beside what its director's films usually earn and how they are rated. */
export const filmsAndDirectors = topology(() => {
  const films = joinTables(
    { money: table(boxOffice), tenths: table(ratings) },
    ({ money, tenths }): Film => ({ ...money, tenths }),
    { store: keyValueStore('films', json<Film>()) },
  );
  const byDirector = films.pipe(
    groupTableBy('films-by-director', (film) => film.director),
    aggregate(
      directors,
      (): Director => ({ films: 0, gross: 0 }),
      (_name, film, sum) => ({ films: sum.films + 1, gross: sum.gross + film.gross }),
      (_name, film, sum) => ({ films: sum.films - 1, gross: sum.gross - film.gross }),
    ),
  );
  films.pipe(
    foreignKeyJoin('film-director', byDirector, (film) => film.director, compare, {
      store: compared,
    }),
  );
});

function compare(film: Film, { films, gross }: Director): Compared {
  return { ...film, films, usualGross: gross / films };
}
