/** Proofs with one part altered, to test that every part counts. */
import { type Address, contentLeafBytes, fromHex, type Hex, toHex } from '../../index.ts';
import type { Lie, ShownLeaf } from '../../ports/index.ts';

/** The lie with one part altered, in every way that no lie survives. */
export function alterLie(lie: Lie): [string, Lie][] {
  return Object.entries(lie).flatMap(([name, value]): [string, Lie][] => {
    const altered: [string, unknown][] = [];
    if (name === 'kind' || name === 'reason') return [];
    // Another number, unless any would do: of entries only where one is looked at.
    if (typeof value === 'number') altered.push(...alterNumber(lie, name, value));
    else if (Array.isArray(value)) altered.push(...alterList(value));
    else altered.push(...alterLeaf(value as ShownLeaf));
    return altered.map(([how, part]) => [`${name}: ${how}`, { ...lie, [name]: part } as Lie]);
  });
}

function alterNumber(lie: Lie, name: string, value: number): [string, number][] {
  if (name === 'entry' && lie.kind === 'accepted' && lie.reason !== 'OutOfRange') return [];
  return [
    [`${value + 1}`, value + 1],
    ...(value > 0 ? [[`${value - 1}`, value - 1] as [string, number]] : []),
    ['2^32', value + 2 ** 32],
  ];
}

function alterList(leaves: readonly ShownLeaf[]): [string, ShownLeaf[]][] {
  const more = leaves.at(-1) ?? { length: 0, leaf: '0x', path: [] };
  return [
    ['one more', [...leaves, more]],
    ...(leaves.length > 0 ? ([['without the last', leaves.slice(0, -1)]] as [string, ShownLeaf[]][]) : []),
    ...(leaves.length > 1
      ? ([
          ['without the first', leaves.slice(1)],
          ['in reverse', [...leaves].reverse()],
        ] as [string, ShownLeaf[]][])
      : []),
    ...leaves.flatMap((leaf, i) =>
      alterLeaf(leaf).map(([how, changed]): [string, ShownLeaf[]] => [
        `${i}, ${how}`,
        leaves.with(i, changed),
      ]),
    ),
  ];
}

function alterLeaf({ length, leaf, path }: ShownLeaf): [string, ShownLeaf][] {
  const bytes = fromHex(leaf);
  const flipped = bytes.slice();
  if (flipped.length > 0) flipped[flipped.length - 1]! ^= 1;
  const zero = toHex(new Uint8Array(32)) as Address;
  const changed: [string, Partial<ShownLeaf>][] = [
    ['a byte more in all', { length: length + 1 }],
    ['a leaf more in all', { length: length + contentLeafBytes }],
    ['too long', { length: 2 ** 40 + length }],
    ['a leaf longer', { leaf: `${leaf}00` as Hex }],
    ['nothing of it', { length: 0, leaf: '0x', path: [] }],
    ['a longer path', { path: [...path, zero] }],
    ...(bytes.length === 0
      ? []
      : ([
          ['a changed byte', { leaf: toHex(flipped) }],
          ['a byte shorter', { leaf: toHex(bytes.subarray(0, -1)) }],
        ] as [string, Partial<ShownLeaf>][])),
    ...path.map((_, i): [string, Partial<ShownLeaf>] => [`sibling ${i}`, { path: path.with(i, zero) }]),
    ...(path.length > 0 ? [['no path', { path: [] }] as [string, Partial<ShownLeaf>]] : []),
  ];
  return changed
    .filter(
      ([, change]) =>
        JSON.stringify({ length, leaf, path, ...change }) !== JSON.stringify({ length, leaf, path }),
    )
    .map(([how, change]) => [how, { length, leaf, path, ...change }]);
}
