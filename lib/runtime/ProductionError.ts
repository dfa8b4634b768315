import { type ErrorPlace, StreamsError } from '../errors.ts';

/**
 * A record that cannot be written: `errors.production` has decided already, no other handler may.
 */
export class ProductionError extends StreamsError {
  constructor(message: string, place: ErrorPlace, cause: unknown) {
    const code =
      cause instanceof StreamsError && cause.code === 'KEY_TYPE' ? 'KEY_TYPE' : 'PRODUCTION_FAILED';
    super(code, message, cause === null ? { place } : { place, cause });
  }
}
