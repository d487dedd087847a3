/** Archives that lie about their sizes; what they hold is tested with the other data files. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openNpz } from './npy.ts';

const u16 = (value: number) => [value & 255, value >> 8];
const u32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255];
const name = [...Buffer.from('x.npy')];

/** A ZIP archive of one deflated member that says that it inflates to `unpacked` bytes. */
function archiveOf(packed: Uint8Array, unpacked: number, directorySize?: number) {
  const sizes = [...u32(0), ...u32(packed.length), ...u32(unpacked)];
  const local = [
    ...u32(0x04034b50),
    ...u16(20),
    ...u16(0),
    ...u16(8),
    ...u32(0),
    ...sizes,
    ...u16(5),
    ...u16(0),
    ...name,
  ];
  const offset = local.length + packed.length;
  const directory = [
    ...[...u32(0x02014b50), ...u16(20), ...u16(20), ...u16(0), ...u16(8), ...u32(0), ...sizes],
    ...[...u16(5), ...u16(0), ...u16(0), ...u16(0), ...u16(0), ...u32(0), ...u32(0), ...name],
  ];
  const end = [
    ...[...u32(0x06054b50), ...u16(0), ...u16(0), ...u16(1), ...u16(1)],
    ...[...u32(directorySize ?? directory.length), ...u32(offset), ...u16(0)],
  ];
  return Buffer.concat([Buffer.from(local), packed, Buffer.from(directory), Buffer.from(end)]);
}

describe('an archive', () => {
  const noise = Buffer.from(Array.from({ length: 2 ** 22 }, (_, i) => (i * 2654435761) >>> 13));
  const packed = deflateRawSync(noise, { level: 0 });

  it('whose member inflates to more than it says is refused', async () => {
    await expect(openNpz(new Blob([archiveOf(packed, 1000)]))).rejects.toMatchObject({
      code: 'npy.malformed',
      expected: expect.stringContaining('1000 bytes when inflated'),
      found: 'more',
    });
  });

  it('whose member inflates to less than it says is refused', async () => {
    await expect(openNpz(new Blob([archiveOf(packed, 2 ** 22 + 1)]))).rejects.toMatchObject({
      found: String(2 ** 22),
    });
  });

  it('whose directory would go beyond the file is refused before it is read', async () => {
    await expect(openNpz(new Blob([archiveOf(packed, 1000, 10_000)]))).rejects.toMatchObject({
      code: 'npy.malformed',
      expected: expect.stringContaining('a central directory inside the file'),
    });
  });
});
