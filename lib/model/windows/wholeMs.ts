import { StreamsError } from '../../errors.ts';

/** A duration a user gave, checked: whole milliseconds, at least `least`, where there is such. */
export function wholeMs(
  where: string,
  name: string,
  value: number,
  least: number = Number.NEGATIVE_INFINITY,
): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  const bound = least === Number.NEGATIVE_INFINITY ? '' : `, ${least} or more`;
  throw new StreamsError(
    'INVALID_OPTION',
    `${where}: ${name} is ${value}; give whole milliseconds${bound}.`,
  );
}
