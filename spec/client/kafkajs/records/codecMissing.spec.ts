import { describe, expect, it, jest } from '@jest/globals';
import { Codecs, compressionNumbers } from '../../../../lib/client/kafkajs/records/Codecs.ts';

describe('a codec whose package is not installed', () => {
  it.each([
    ['snappy', 'snappy'],
    ['lz4', 'lz4-napi'],
  ] as const)('%s: says which one to install', async (codec, name) => {
    jest.doMock(name, () => {
      throw new Error(`Cannot find package '${name}'`);
    });
    await expect(new Codecs().load(compressionNumbers[codec])).rejects.toMatchObject({
      code: 'CODEC_MISSING',
      message: expect.stringContaining(`npm install ${name}`),
    });
  });

  it('is not needed for gzip, and none for no codec', async () => {
    const codecs = new Codecs();
    await codecs.load(compressionNumbers.gzip);
    expect(codecs.get(compressionNumbers.gzip)).toBeDefined();
    expect(codecs.get(compressionNumbers.none)).toBeNull();
  });

  it('that does not exist is refused', async () => {
    await expect(new Codecs().load(7)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
  });
});
