import { describe, expect, it } from '@jest/globals';
import { kafkaErrorOf } from '../../lib/client/kafkajs/kafkaErrors.ts';
import { KafkaError } from '../../lib/errors.ts';
import { mapValues } from '../../lib/operators/mapValues.ts';
import { stream } from '../../lib/operators/stream.ts';
import { to } from '../../lib/operators/to.ts';
import { isTransient } from '../../lib/runtime/failures.ts';
import { Bench, input, output } from './support/harness.ts';

const abortable = { abortable: true };
/** In a transaction: an error of this number. */
const inTransaction = (number: number): KafkaError =>
  kafkaErrorOf(number, 'Told to a transaction.', undefined, abortable);
/** What a commit says of a transaction that failed for this reason. */
const becauseOf = (cause: unknown): KafkaError =>
  new KafkaError('TRANSACTION_ABORTABLE', 'Abort it.', { ...abortable, cause });

describe('isTransient', () => {
  it.each([
    ['the group went on', inTransaction(22)],
    ['another took over', inTransaction(47)],
    ['broken sequences', inTransaction(45)],
    ['a broker without a word for it', inTransaction(-1)],
    ['the coordinator says so', inTransaction(120)],
    ['a commit after one of these', becauseOf(inTransaction(45))],
    ['a commit after an error that is none of Kafka', becauseOf(new Error('lost'))],
  ])('%s: begun again it may succeed', (_, error) => {
    expect(isTransient(error)).toBe(true);
  });

  it.each([
    ['a record too large', inTransaction(10)],
    ['a record without a key in a compacted topic', inTransaction(87)],
    ['no right to write', inTransaction(29)],
    ['a transaction longer than allowed', kafkaErrorOf(50, 'Told to init.')],
    ['a commit after one of these', becauseOf(inTransaction(10))],
    ['an error that is none of Kafka', new Error('lost')],
  ])('%s: begun again it fails again, though the transaction can be aborted', (_, error) => {
    expect(isTransient(error)).toBe(false);
  });
});

it('an exactly-once app ends with a record that is refused for good', async () => {
  const bench = new Bench({ in: 1 });
  bench.kafka.createTopic({ topic: 'out', partitions: 1, config: { 'max.message.bytes': '1000' } });
  const app = await bench.started(
    () => {
      stream(input).pipe(
        mapValues((value) => value.repeat(value === 'b' ? 2_000 : 1)),
        to(output),
      );
    },
    { guarantee: 'exactly-once' },
  );
  bench.send('in', 'ka kb kc');
  await bench.settle(60_000);
  expect(app.state).toBe('error');
  expect(bench.errors).toMatchObject([{ kafkaCode: 10, place: { topic: 'out' } }]);
});
