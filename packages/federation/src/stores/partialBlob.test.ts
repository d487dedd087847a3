import { addressOf, contentGroupBytes, contentOutline } from '@nonet/core';
import { expect, test } from 'vitest';
import { createPartialBlob } from './partialBlob.ts';

const blob = Uint8Array.from({ length: 150_000 }, (_, i) => (i * i) >>> 5);
const address = addressOf(blob);
const outline = contentOutline(blob);
const group = (index: number) => blob.subarray(index * contentGroupBytes, (index + 1) * contentGroupBytes);

test('becomes the blob, group by group', () => {
  const partial = createPartialBlob(address);
  expect(partial).toMatchObject({ length: undefined, verified: 0, bytes: undefined });
  expect(partial.takeOutline(blob.length, outline)).toBe(true);
  expect(partial).toMatchObject({ length: 150_000, verified: 0, bytes: undefined });
  expect(partial.takeGroup(0, group(0))).toBe(true);
  expect(partial).toMatchObject({ verified: 65_536, bytes: undefined });
  expect(partial.takeGroup(65_536, group(1))).toBe(true);
  expect(partial.takeGroup(131_072, group(2))).toBe(true);
  expect(partial.verified).toBe(150_000);
  expect(partial.bytes).toEqual(blob);
});

test('takes nothing that is not of the blob', () => {
  const partial = createPartialBlob(address);
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
  const partial = createPartialBlob(address);
  partial.takeOutline(blob.length, outline);
  partial.takeGroup(0, group(0));
  expect(partial.takeGroup(0, new Uint8Array())).toBe(true);
  expect(partial.takeGroup(65_536, group(1))).toBe(true);
});

test('nothing is a blob, too', () => {
  const partial = createPartialBlob(addressOf(new Uint8Array()));
  expect(partial.takeOutline(0, contentOutline(new Uint8Array()))).toBe(true);
  expect(partial.bytes).toBeUndefined();
  expect(partial.takeGroup(0, new Uint8Array())).toBe(true);
  expect(partial.bytes).toEqual(new Uint8Array());
});
