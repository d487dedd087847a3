/**
 * Content addresses: how fast blobs are hashed, beside plain SHA-256 of the whole, and how many
 * bytes of calldata show one leaf to a contract: the leaf and its longest path, without the framing
 * of the ABI. Both for leaves of 256 bytes, which addresses have (docs/specs/content.md), and of
 * 1,024; `address` is the kernel that addresses are computed with, the others call SHA-256 for each
 * leaf and node.
 *
 * `browser` is the SHA-256 in TypeScript that pages load, in this engine. Times are processor time
 * of one thread, so what else the machine does is not counted.
 */
import { addressOf, concatBytes, NonetError, toHex, utf8 } from '@nonet/core';
import { sha256 as inBrowser } from '../packages/core/src/sha256.browser.ts';
import { sha256 as inNode } from '../packages/core/src/sha256.node.ts';
import { foldTree, siblingsOf } from '../packages/core/src/treeShape.ts';
import { benchFigure, type Figure, type Suite } from './suite.ts';

const samples = 5;
/** Of one sample at least: the system counts processor time in ticks of up to 10 ms. */
const milliseconds = 200;
const leafSizes = [256, 1024] as const;

type Hash = (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;

/** The address of docs/specs/content.md §2, with leaves of another size. */
function createContentAddress(leafBytes: number, sha256: Hash): (blob: Uint8Array) => string {
  const leaf = concatBytes(utf8('nonet leaf\0'), new Uint8Array(4 + leafBytes));
  const view = new DataView(leaf.buffer);
  const node = concatBytes(utf8('nonet node\0'), new Uint8Array(64));
  return (blob) => {
    const hashLeaf = (index: number) => {
      const bytes = blob.subarray(index * leafBytes, (index + 1) * leafBytes);
      view.setUint32(11, index);
      leaf.set(bytes, 15);
      return sha256(leaf.subarray(0, 15 + bytes.length));
    };
    const hashNode = (left: Uint8Array, right: Uint8Array) => {
      node.set(left, 11);
      node.set(right, 43);
      return sha256(node);
    };
    const top = foldTree(0, Math.ceil(blob.length / leafBytes), hashLeaf, hashNode);
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(blob.length));
    return toHex(sha256(concatBytes(utf8('nonet blob\0'), length, top)));
  };
}

/** Processor time in milliseconds. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Megabytes (10^6 bytes) per second. */
function measureSpeed(hash: (blob: Uint8Array) => unknown, blob: Uint8Array): Figure {
  hash(blob); // the engine compiles what is called often once more
  return benchFigure(
    Array.from({ length: samples }, () => {
      const start = processorTime();
      let bytes = 0;
      let spent = 0;
      while (spent < milliseconds) {
        hash(blob);
        bytes += blob.length;
        spent = processorTime() - start;
      }
      return bytes / spent / 1000;
    }),
    'MB/s',
  );
}

function assertSameAddress(blob: Uint8Array, hashes: readonly Hash[]): void {
  const expected = addressOf(blob);
  for (const sha256 of hashes) {
    const found = createContentAddress(256, sha256)(blob);
    if (found === expected) continue;
    throw new NonetError({
      code: 'bench.disagree',
      expected: `${expected}, the address of ${blob.length} bytes`,
      found: `${found} from the tree of this benchmark`,
    });
  }
}

export const suite: Suite = {
  name: 'content',
  about: 'content addresses: megabytes hashed per second, and bytes of calldata that show one leaf',
  cells: [],
  async run({ note }) {
    const blobs = [
      { name: '400kB', bytes: 4e5, engines: { node: inNode, browser: inBrowser } },
      { name: '64MB', bytes: 64e6, engines: { node: inNode } },
    ];
    const figures: Record<string, Figure> = {};
    for (const { name, bytes, engines } of blobs) {
      const blob = Uint8Array.from({ length: bytes }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
      assertSameAddress(blob, Object.values(engines));
      note(`${name}, kernel`);
      figures[`${name}.address`] = measureSpeed(addressOf, blob);
      for (const [engine, sha256] of Object.entries(engines)) {
        note(`${name}, ${engine}`);
        figures[`${name}.${engine}.whole`] = measureSpeed(sha256, blob);
        for (const leafBytes of leafSizes) {
          const hash = createContentAddress(leafBytes, sha256);
          figures[`${name}.${engine}.leaves${leafBytes}`] = measureSpeed(hash, blob);
        }
      }
    }
    for (const bytes of [4e5, 4e6, 4e8]) {
      for (const leafBytes of leafSizes) {
        const path = siblingsOf(0, Math.ceil(bytes / leafBytes));
        figures[`calldata.${bytes}.leaves${leafBytes}`] = benchFigure(leafBytes + 32 * path.length, 'bytes');
      }
    }
    return figures;
  },
};
