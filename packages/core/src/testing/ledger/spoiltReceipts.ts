/** Receipts that must not count (docs/specs/round.md §1.7). */
import { typedDataDigest } from '../../identity.ts';
import type { Address, Hex } from '../../index.ts';
import { type StoreReceipt, storeReceiptType } from '../../ports/index.ts';
import { signReceipt, signReceipts } from './blobs.ts';
import { fresh, type Game } from './game.ts';

/** What is no receipt set for `blob` in a job with three stores of which two make it available. */
export async function spoilReceipts(game: Game, blob: Address): Promise<[string, StoreReceipt[]][]> {
  const { stores, outsider, creator } = game;
  const [first, second, third] = await signReceipts(stores, blob);
  const one = first!;
  const [two, three] = [second!, third!];
  const strange = await signReceipts([stores[0], outsider], blob);
  // A contract could take this size; no follower could read it.
  const huge = 2n ** 60n;
  const signature = await stores[1].sign(typedDataDigest({}, storeReceiptType, { blob, size: huge }));
  return [
    ['none', []],
    ['too few', [one]],
    ['too many', [one, two, three]],
    ['descending', [two, one]],
    ['one store twice', [one, one]],
    ['one store twice, for two sizes', [one, await signReceipt(stores[0], blob, 77)]],
    ['a store that is not listed', strange],
    ['another blob', await signReceipts(stores.slice(0, 2), fresh())],
    ['another blob in one', [one, { ...two, blob: fresh() }]],
    ['another size', [one, { ...two, size: 1235 }]],
    ['in the name of a store', [one, { ...(await signReceipt(creator, blob, 1234)), store: two.store }]],
    ['of another store', [one, { ...two, store: three.store }]],
    ['a size beyond 2^53', [one, { ...two, size: Number(huge), signature }]],
    ...spoilSignature(two.signature).map((spoilt): [string, StoreReceipt[]] => [
      `the signature ${spoilt}`,
      [one, { ...two, signature: spoilt }],
    ]),
  ];
}

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Variants of a signature that must not count: the other of the pair (s, -s), other v, zeros. */
function spoilSignature(signature: Hex): Hex[] {
  const [r, s, v] = [signature.slice(2, 66), signature.slice(66, 130), signature.slice(130)];
  const highS = (order - BigInt(`0x${s}`)).toString(16).padStart(64, '0');
  const otherV = v === '1b' ? '1c' : '1b';
  return [
    `0x${r}${highS}${otherV}`,
    `0x${r}${highS}${v}`,
    `0x${r}${s}${otherV}`,
    `0x${r}${s}${v === '1b' ? '00' : '01'}`,
    `0x${r}${s}1d`,
    `0x${'00'.repeat(32)}${s}${v}`,
    `0x${r}${'00'.repeat(32)}${v}`,
    `0x${'ff'.repeat(32)}${s}${v}`,
    `0x${'00'.repeat(65)}`,
  ];
}
