import { StreamsError } from '../../errors.ts';

/** The version all formats of operators' own begin with; another is refused by name. */
export const wireVersion = 1;

/** Refuses bytes that another release wrote. */
export function checkVersion(what: string, bytes: Uint8Array): void {
  if (bytes[0] === wireVersion) return;
  throw new StreamsError(
    'UNDECODABLE',
    `${what} has version ${bytes[0]}, known here is ${wireVersion}: another release wrote it.`,
  );
}
