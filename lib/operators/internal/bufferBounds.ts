import { StreamsError } from '../../errors.ts';

/** How much may wait in a buffer. */
export interface BufferBounds {
  readonly maxRecords?: number;
  /** Of keys and values as bytes; each change is then encoded once more. */
  readonly maxBytes?: number;
}

export function checkedBounds(where: string, { maxRecords, maxBytes }: BufferBounds): BufferBounds {
  for (const [name, value] of Object.entries({ maxRecords, maxBytes })) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    throw new StreamsError(
      'INVALID_OPTION',
      `${where}: ${name} is ${value}; give a whole number, 0 or more, or leave it out for no ` +
        'bound.',
    );
  }
  return {
    ...(maxRecords === undefined ? {} : { maxRecords }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  };
}
