import { StreamsError } from '../../errors.ts';

/** A duration a user gave, checked: whole milliseconds, at least `least`. */
export function wholeMs(where: string, name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new StreamsError(
    'INVALID_OPTION',
    `${where}: ${name} is ${value}; give whole milliseconds, ${least} or more.`,
  );
}
