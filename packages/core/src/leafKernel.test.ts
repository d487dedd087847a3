import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex, utf8 } from './bytes.ts';
import { kernelBinary } from './kernelBinary.ts';
import { createLeafKernel, hashLeavesInKernel } from './leafKernel.ts';
import { sha256 } from './sha256.node.ts';
import { foldTree } from './treeShape.ts';

describe('the module', () => {
  const module = fromHex(`0x${kernelBinary}`);

  test('is small enough for browsers that compile 4 KiB at most on the main thread', () => {
    expect(module.length).toBeLessThanOrEqual(4096);
  });

  test('imports a memory and nothing else', () => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(module));
    expect(imports).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  });
});

/** FIPS 180-4 §5.1.1, for messages below 2^29 bytes. */
function pad(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(64 * Math.ceil((message.length + 9) / 64));
  padded.set(message);
  padded[message.length] = 0x80;
  new DataView(padded.buffer).setUint32(padded.length - 4, 8 * message.length);
  return padded;
}

/** The kernel's digests of four messages of one length. */
function hashFour(messages: readonly Uint8Array[]): string[] {
  const { memory, sha256 } = createLeafKernel();
  const padded = messages.map(pad);
  const [pitch, at, out, schedule] = [padded[0]!.length, 4096, 2048, 3072];
  memory.set(concatBytes(...padded), at);
  sha256(at, pitch, pitch / 64, out, schedule);
  return messages.map((_, lane) => toHex(memory.slice(out + 32 * lane, out + 32 * lane + 32)).slice(2));
}

describe('SHA-256 of four messages', () => {
  // FIPS 180-4 examples (csrc.nist.gov, SHA256.pdf), and NIST CAVP SHA256ShortMsg of 32 bytes.
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  const twoBlocks = '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1';
  const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  test.each([
    ['', nothing],
    ['abc', abc],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', twoBlocks],
  ])('"%s" in each lane', (text, digest) => {
    for (const [lane] of Array(4).entries()) {
      const messages = Array.from({ length: 4 }, (_, i) =>
        utf8(i === lane ? text : text.replace(/./g, `${i}`)),
      );
      expect(hashFour(messages)[lane]).toBe(digest);
    }
  });

  test('agrees with Node on other bytes in each lane, over one block to six', () => {
    for (let length = 0; length < 330; length += 11) {
      const messages = Array.from({ length: 4 }, (_, lane) =>
        Uint8Array.from({ length }, (_, i) => Math.imul(i + 977 * lane, 0x9e3779b1) >>> 24),
      );
      expect(hashFour(messages)).toEqual(messages.map((message) => toHex(sha256(message)).slice(2)));
    }
  });
});

/** docs/specs/content.md §2, with a call of Node's SHA-256 for each leaf and node. */
function twin(bytes: Uint8Array, index: number): string {
  const leafAt = (leaf: number) => {
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, index + leaf);
    return sha256(concatBytes(utf8('nonet leaf\0'), head, bytes.subarray(256 * leaf, 256 * leaf + 256)));
  };
  const join = (left: Uint8Array, right: Uint8Array) =>
    sha256(concatBytes(utf8('nonet node\0'), left, right));
  return toHex(foldTree(0, Math.max(1, Math.ceil(bytes.length / 256)), leafAt, join));
}

describe('the leaves of a group', () => {
  const group = Uint8Array.from({ length: 65_536 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);

  test('agree with the twin on every length up to 1,400, whatever was hashed before', () => {
    for (let length = 0; length <= 1400; length++) {
      const bytes = group.subarray(length, 2 * length);
      expect(toHex(hashLeavesInKernel(bytes, 0))).toBe(twin(bytes, 0));
    }
  });

  test('agree with the twin on every number of leaves, the last of any length', () => {
    for (let count = 1; count <= 256; count++) {
      for (const short of [0, 1 + ((count * 37) % 255)]) {
        const bytes = group.subarray(0, 256 * count - short);
        expect(toHex(hashLeavesInKernel(bytes, 256 * count))).toBe(twin(bytes, 256 * count));
      }
    }
  });

  test('are bound to their indices, up to the last that a blob has', () => {
    for (const index of [0, 1, 0x01020304, 0x7fffff00, 0xffffff00]) {
      expect(toHex(hashLeavesInKernel(group, index))).toBe(twin(group, index));
    }
  });
});
