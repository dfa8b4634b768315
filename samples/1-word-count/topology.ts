import { concatMap } from 'rxjs';
import {
  count,
  groupByKey,
  int64,
  keyValueStore,
  repartitionBy,
  stream,
  string,
  to,
  topic,
  topology,
  toStream,
} from 'rxkstreams';

export const lines = topic('lines', string());
export const totals = topic('totals', int64());
export const wordCounts = keyValueStore('word-counts', int64());

export const wordCount = topology(() => {
  stream(lines).pipe(
    concatMap((line) => words(line.value).map((word) => ({ ...line, value: word }))),
    repartitionBy('by-word', (word) => word),
    groupByKey(),
    count(wordCounts),
    toStream(),
    to(totals),
  );
});

function words(line: string): string[] {
  return line.toLowerCase().match(/\p{L}+/gu) ?? [];
}
