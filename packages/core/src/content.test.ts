import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentOf, createPartialContent, replaceBytes } from './content.ts';
import { addressOf, contentGroupBytes, contentOutline } from './contentTree.ts';

const blob = Uint8Array.from({ length: 150_000 }, (_, i) => (i * i) >>> 5);
const address = addressOf(blob);
const outline = contentOutline(blob);
const group = (index: number) => blob.subarray(index * contentGroupBytes, (index + 1) * contentGroupBytes);

test('bytes become a content with their digest, and a content stays the one it is', () => {
  const content = contentOf(blob);
  expect(content).toEqual({ address, length: 150_000, outline, bytes: blob });
  expect(content.bytes).toBe(blob);
  expect(contentOf(content)).toBe(content);
});

describe('replaced bytes', () => {
  test('lead to the content of the whole, and leave the other as it was', () => {
    const content = contentOf(blob);
    const ranges = fc.tuple(fc.nat(150_000), fc.oneof(fc.nat(100), fc.nat(150_000)), fc.nat(255));
    fc.assert(
      fc.property(ranges, ([offset, most, value]) => {
        const bytes = new Uint8Array(Math.min(most, 150_000 - offset)).fill(value);
        const whole = blob.slice();
        whole.set(bytes, offset);
        expect(replaceBytes(content, offset, bytes)).toEqual(contentOf(whole));
      }),
      { numRuns: 30 },
    );
    expect(content).toEqual(contentOf(blob));
  });

  test('at the edges of groups', () => {
    const content = contentOf(blob);
    for (const offset of [0, 65_535, 65_536, 131_071, 131_072, 149_998]) {
      const whole = blob.slice();
      whole.set([1, 2], offset);
      expect(replaceBytes(content, offset, Uint8Array.of(1, 2)).address).toBe(addressOf(whole));
    }
    for (const offset of [0, 65_536, 150_000]) {
      expect(replaceBytes(content, offset, new Uint8Array()).address).toBe(address);
    }
    const nothing = contentOf(new Uint8Array());
    expect(replaceBytes(nothing, 0, new Uint8Array())).toEqual(nothing);
  });

  test.each([-1, 0.5, 149_999, 150_001, Number.NaN])('must be within the content: 2 from %d on', (offset) => {
    expect(() => replaceBytes(contentOf(blob), offset, new Uint8Array(2))).toThrow(
      expect.objectContaining({ code: 'content.range' }),
    );
  });
});

describe('a blob on its way', () => {
  test('becomes the blob, group by group', () => {
    const partial = createPartialContent(address);
    expect(partial).toMatchObject({ length: undefined, verified: 0, content: undefined });
    expect(partial.takeOutline(blob.length, outline)).toBe(true);
    expect(partial).toMatchObject({ length: 150_000, verified: 0, content: undefined });
    expect(partial.takeGroup(0, group(0))).toBe(true);
    expect(partial).toMatchObject({ verified: 65_536, content: undefined });
    expect(partial.takeGroup(65_536, group(1))).toBe(true);
    expect(partial.takeGroup(131_072, group(2))).toBe(true);
    expect(partial.verified).toBe(150_000);
    expect(partial.content).toEqual(contentOf(blob));
  });

  test('takes nothing that is not of the blob', () => {
    const partial = createPartialContent(address);
    expect(partial.takeGroup(0, group(0))).toBe(false);
    expect(partial.takeOutline(blob.length + 1, outline)).toBe(false);
    expect(partial.takeOutline(blob.length, outline.with(0, outline[0]! ^ 1))).toBe(false);
    expect(partial.takeOutline(-1, outline)).toBe(false);
    expect(partial.length).toBeUndefined();
    partial.takeOutline(blob.length, outline);
    expect(partial.takeGroup(0, group(0).with(9, 1))).toBe(false);
    expect(partial.takeGroup(0, group(0).subarray(1))).toBe(false);
    expect(partial.takeGroup(65_536, group(1))).toBe(false);
    expect(partial.verified).toBe(0);
  });

  test('has what another source was faster to bring', () => {
    const partial = createPartialContent(address);
    partial.takeOutline(blob.length, outline);
    partial.takeGroup(0, group(0));
    expect(partial.takeGroup(0, new Uint8Array())).toBe(true);
    expect(partial.takeGroup(65_536, group(1))).toBe(true);
  });

  test('nothing is a blob, too', () => {
    const partial = createPartialContent(addressOf(new Uint8Array()));
    expect(partial.takeOutline(0, contentOutline(new Uint8Array()))).toBe(true);
    expect(partial.content).toBeUndefined();
    expect(partial.takeGroup(0, new Uint8Array())).toBe(true);
    expect(partial.content).toEqual(contentOf(new Uint8Array()));
  });
});
