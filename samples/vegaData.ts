import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const entry = createRequire(import.meta.url).resolve('vega-datasets');

/** A file of the package vega-datasets. */
export function vegaData(name: string): Promise<string> {
  return readFile(`${entry.slice(0, entry.lastIndexOf('/build'))}/data/${name}`, 'utf8');
}

/** The rows of such a file with commas, by the names in its first line. */
export async function vegaRows(name: string): Promise<Record<string, string>[]> {
  const [header = '', ...lines] = (await vegaData(name)).trim().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.match(/("[^"]*"|[^,]*)(,|$)/g) ?? [];
    return Object.fromEntries(
      names.map((each, i) => [each, (cells[i] ?? '').replace(/,$/, '').replaceAll('"', '')]),
    );
  });
}
