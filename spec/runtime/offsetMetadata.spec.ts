import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeOffsetMetadata, encodeOffsetMetadata } from '../../lib/runtime/offsetMetadata.ts';

const metadata = fc.record({
  partitionTime: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  transactionalId: fc.option(fc.string({ minLength: 1, maxLength: 200 })),
  lanes: fc.array(fc.record({ time: fc.integer({ min: -1 }), atEnd: fc.boolean() }), {
    maxLength: 200,
  }),
});

describe('offset metadata', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(metadata, (o) =>
        expect(decodeOffsetMetadata(encodeOffsetMetadata(o))).toEqual(o),
      ),
    );
  });

  it('never has more than 4096 characters', () => {
    const lanes = Array.from({ length: 5000 }, () => ({ time: 1, atEnd: true }));
    const text = encodeOffsetMetadata({
      partitionTime: 1,
      transactionalId: 'x'.repeat(250),
      lanes,
    });
    expect(text.length).toBeLessThanOrEqual(4096);
    expect(decodeOffsetMetadata(text)?.lanes.length).toBeGreaterThan(300);
  });

  it('is nothing where another tool wrote', () => {
    for (const text of [undefined, '', 'hello', '%%%', btoa('\x07whatever it is')]) {
      expect(decodeOffsetMetadata(text)).toBeNull();
    }
  });
});
