import { StreamsError } from '../../errors.ts';
import { parseDuration } from './duration.ts';

/** A record as drawn: letters are the key, digits stand for the value. */
export interface DrawnRecord {
  /** Null is drawn `_`. */
  readonly key: string | null;
  /** A windowed key: its start, and its end where drawn. */
  readonly window: { readonly start: number; readonly end: number | null } | null;
  /** Null is a deletion, drawn `~`. */
  readonly value: number | null;
  /** Event time; null: the column's. */
  readonly timestamp: number | null;
}

export interface DrawnLane {
  /** As drawn: `clicks[1]`. */
  readonly label: string;
  readonly topic: string;
  /** Null: all partitions of the topic. */
  readonly partition: number | null;
  /** One list a column. */
  readonly cells: readonly (readonly DrawnRecord[])[];
}

/** Commit, crash, restart: what the lane `app` can hold. */
export type AppEvent = 'C' | 'X' | 'R';

export interface Diagram {
  /** The ruler: arrival time of each column, in ms. */
  readonly times: readonly number[];
  readonly lanes: readonly DrawnLane[];
  /** Null: no lane `app` was drawn. One list a column. */
  readonly app: readonly (readonly AppEvent[])[] | null;
}

/** Reads cells under a ruler. Cells are counted, not measured. */
export function parseDiagram(text: string): Diagram {
  const rows = text
    .split('\n')
    .map((line, index) => ({ line: line.replace(/\/\/.*$/, '').trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => ({ ...splitRow(line, number), number }));
  const [ruler, ...others] = rows;
  if (ruler === undefined || ruler.name !== 'time') {
    throw refused(ruler?.number ?? 1, "the first line must be the ruler: 'time  0s  30s ...'");
  }
  const times = ruler.cells.map((cell) => {
    const time = cell.length === 1 ? parseDuration(cell[0] as string) : null;
    if (time === null)
      throw refused(ruler.number, `'${cell.join(' ')}' is no time: write 59s, 10m or 250ms`);
    return time;
  });
  times.forEach((time, i) => {
    if (i > 0 && time <= (times[i - 1] as number)) {
      throw refused(ruler.number, 'times on the ruler must grow from left to right');
    }
  });
  for (const row of others) {
    if (row.cells.length !== times.length) {
      throw refused(
        row.number,
        `lane '${row.name}' has ${row.cells.length} cells under a ruler of ${times.length}: draw '-' for nothing`,
      );
    }
  }
  return {
    times,
    lanes: others.filter((row) => row.name !== 'app').map((row) => lane(row)),
    app: appLane(others.find((row) => row.name === 'app')),
  };
}

interface Row {
  readonly name: string;
  readonly cells: readonly (readonly string[])[];
  readonly number: number;
}

/** A cell is a word, or words in parentheses: the same instant. */
function splitRow(line: string, number: number): { name: string; cells: string[][] } {
  const words = line.match(/\([^)]*\)|\S+/g) ?? [];
  const [name, ...cells] = words;
  if (name === undefined) throw refused(number, 'empty line');
  return {
    name,
    cells: cells.map((cell) =>
      cell.startsWith('(')
        ? cell
            .slice(1, -1)
            .trim()
            .split(/\s+/)
            .filter((word) => word !== '')
        : [cell],
    ),
  };
}

function lane(row: Row): DrawnLane {
  const match = /^(.*?)(?:\[(\d+)\])?$/.exec(row.name) as RegExpExecArray;
  return {
    label: row.name,
    topic: match[1] as string,
    partition: match[2] === undefined ? null : Number(match[2]),
    cells: row.cells.map((cell) =>
      cell.filter((word) => word !== '-').map((word) => drawnRecord(word, row)),
    ),
  };
}

const window = /(?:\[(?<start>[^,\]]+)(?:,(?<end>[^\]]+))?\])?/u.source;
const recordPattern = new RegExp(
  `^(?<key>_|[\\p{L}']+)${window}(?<value>~|-?\\d+)(?:@(?<at>.+))?$`,
  'u',
);

function drawnRecord(word: string, row: Row): DrawnRecord {
  const groups = recordPattern.exec(word)?.groups;
  if (groups === undefined) {
    throw refused(
      row.number,
      `'${word}' in lane '${row.name}' is no record: write a5, a~, a5@59s, a[0s]5 or a[0s,10m]5`,
    );
  }
  const time = (text: string | undefined): number | null => {
    if (text === undefined) return null;
    const ms = parseDuration(text);
    if (ms === null)
      throw refused(row.number, `'${text}' in '${word}' is no time: write 59s, 10m or 250ms`);
    return ms;
  };
  const start = time(groups.start);
  return {
    key: groups.key === '_' ? null : (groups.key as string),
    window: start === null ? null : { start, end: time(groups.end) },
    value: groups.value === '~' ? null : Number(groups.value),
    timestamp: time(groups.at),
  };
}

function appLane(row: Row | undefined): Diagram['app'] {
  if (row === undefined) return null;
  let isUp = true;
  return row.cells.map((cell) =>
    cell
      .filter((word) => word !== '-')
      .map((word) => {
        if (word === 'C' || word === 'X' || word === 'R') {
          if (isUp === (word === 'R')) {
            throw refused(
              row.number,
              `'${word}' in lane 'app': ${isUp ? 'R restarts what X has crashed' : 'after X only R may follow'}`,
            );
          }
          if (word !== 'C') isUp = word === 'R';
          return word;
        }
        throw refused(row.number, `'${word}' in lane 'app': C commits, X crashes, R restarts`);
      }),
  );
}

function refused(line: number, why: string): StreamsError {
  return new StreamsError('INVALID_OPTION', `Line ${line} of the diagram: ${why}.`);
}
