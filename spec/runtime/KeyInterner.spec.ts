import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyInterner } from '../../lib/runtime/KeyInterner.ts';
import { json } from '../../lib/serde/json.ts';
import { string } from '../../lib/serde/string.ts';

describe('KeyInterner', () => {
  it('decodes as the serde does, and keeps the bytes', () => {
    const keys = new KeyInterner(string());
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        for (const text of [...texts, ...texts]) {
          expect(keys.decode(string().encode(text))).toBe(text);
          expect([...keys.bytes]).toEqual([...string().encode(text)]);
        }
      }),
    );
  });

  it('keeps no view of what it was shown', () => {
    const keys = new KeyInterner(string());
    const shown = string().encode('abc');
    keys.decode(shown);
    shown[0] = 0;
    expect(keys.decode(string().encode('abc'))).toBe('abc');
  });

  it('never shares an object that could be changed', () => {
    const keys = new KeyInterner(json());
    const bytes = json().encode({ a: 1 });
    expect(keys.decode(bytes)).not.toBe(keys.decode(bytes));
  });
});
