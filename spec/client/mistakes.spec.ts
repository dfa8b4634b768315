import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, toArray } from 'rxjs';
import { memoryKafka } from '../../lib/client/memory/MemoryKafka.ts';
import { partition } from '../../lib/client/partition.ts';
import { produce } from '../../lib/client/produce.ts';
import { topicStream } from '../../lib/client/topicStream.ts';
import { topic } from '../../lib/serde/handles.ts';
import { string } from '../../lib/serde/string.ts';

const words = topic('words', string());
const client = memoryKafka({ topics: { words: 1 } });

describe('writing', () => {
  it.each([undefined, Number.NaN, 1.5])('a record at %p', async (timestamp) => {
    const written = produce(client, words, [
      { key: 'a', value: 'x', timestamp: timestamp as never },
    ]);
    await expect(written).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('reading what is not there', () => {
  it('topicStream: a topic', async () => {
    const read = topicStream(client, topic('wrods', string()), { groupId: 'tail' });
    await expect(firstValueFrom(read)).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  });

  it('topicStream: a group without a name', () => {
    expect(() => topicStream(client, words, {} as never)).toThrow('groupId is undefined');
  });

  it.each(['beginning', { offset: Number.NaN }, { timestamp: 5 }, null])(
    'partition: a start as %j',
    async (from) => {
      const read = partition(client, words, 0, { from: from as never, to: 'end' });
      await expect(firstValueFrom(read.pipe(toArray()))).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      });
    },
  );
});
