import fc from 'fast-check';
import {expect, test} from 'vitest';
import {split} from '../../src/pool/ranges.ts';

test('ranges cover all in order, as many as asked for where there is enough, none longer by more than one', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer({min: 1, max: 20}), (count, most) => {
      const ranges = split(count, most);
      expect(ranges.flatMap(([first, end]) => Array.from({length: end - first}, (_, i) => first + i))).toEqual(
        Array.from({length: count}, (_, i) => i),
      );
      expect(ranges.length).toBe(Math.min(count, most));
      const lengths = ranges.map(([first, end]) => end - first);
      if (count > 0) expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }),
  );
});
