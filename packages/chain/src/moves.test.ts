/** Moves as calldata: known answers, there and back, and what is neither. */
import { type Address, addressOf, type Hex, toHex, utf8 } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import {
  type JobTerms,
  type Lie,
  type Move,
  type ShownLeaf,
  type StoreReceipt,
  timedPhases,
  updateRefusalCodes,
} from '@nonet/core/ports';
import fc from 'fast-check';
import type { AbiEvent } from 'viem';
import { decodeFunctionData, encodeAbiParameters, encodeFunctionData } from 'viem/utils';
import { describe, expect, it } from 'vitest';
import { nonetAbi } from './artefacts/nonetAbi.ts';
import { decodeMove, decodeTerms, encodeMove, encodeTerms } from './moves.ts';

const job = addressOf(utf8('job'));
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((array) => toHex(array));
const address = hex(32) as fc.Arbitrary<Address>;
const account = hex(20) as fc.Arbitrary<Account>;
const natural = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const reason = fc.constantFrom(...updateRefusalCodes);

const receipts: fc.Arbitrary<StoreReceipt[]> = fc.array(
  fc.record({
    blob: address,
    size: fc.maxSafeNat(),
    store: account,
    signature: hex(65),
  }),
  { maxLength: 4 },
);
const leaf: fc.Arbitrary<ShownLeaf> = fc.record({
  length: fc.maxSafeNat(),
  leaf: fc.uint8Array({ maxLength: 300 }).map((array) => toHex(array)),
  path: fc.array(address, { maxLength: 20 }),
});
const leaves = fc.array(leaf, { maxLength: 4 });
const lie: fc.Arbitrary<Lie> = fc.oneof(
  fc.record({ kind: fc.constant('header' as const), index: natural, start: leaf, next: leaf }),
  fc.record({
    kind: fc.constant('average' as const),
    ...{ entry: natural, start: leaf, next: leaf, terms: leaves },
  }),
  fc.record({
    kind: fc.constant('group' as const),
    ...{ group: natural, entry: natural, sum: leaf, terms: leaves },
  }),
  fc.record({
    kind: fc.constant('accepted' as const),
    ...{ participant: natural, reason, entry: natural, shown: leaf },
  }),
  fc.record({ kind: fc.constant('refused' as const), participant: natural, shown: leaf }),
  fc.record({ kind: fc.constant('silence' as const), participant: natural }),
);
const type = <Name extends string>(name: Name) => fc.constant(name);
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ type: fc.constantFrom('stake', 'join', 'leave', 'end') }),
  fc.record({ type: type('admit'), accounts: fc.array(account) }),
  fc.record({ type: type('open'), round: natural, model: address }),
  fc.record({ type: type('commit'), round: natural, blob: address, weight: natural }),
  fc.record({ type: type('close'), round: natural, committed: natural, unavailable: fc.array(natural) }),
  fc.record({ type: type('appeal'), round: natural, receipts }),
  fc.record(
    {
      type: type('step'),
      ...{ round: natural, model: address, partials: address, receipts },
      refused: fc.array(fc.record({ participant: natural, reason, entry: natural })),
    },
    { requiredKeys: ['type', 'round', 'model', 'refused', 'receipts'] },
  ),
  fc.record({ type: type('prove'), round: natural, lie }),
  fc.record({ type: type('demand'), round: natural, participant: natural }),
  fc.record({ type: type('answer'), round: natural, participant: natural, receipts }),
  fc.record({ type: type('object'), round: natural, model: address, refused: fc.array(natural) }),
  fc.record({ type: type('advance'), round: natural }),
  fc.record({ type: type('withdraw'), rounds: fc.array(natural) }),
);

describe('encodeMove', () => {
  const word = (text: string) => text.padStart(64, '0');

  it('gives known calldata', () => {
    const blob = addressOf(utf8('blob'));
    // keccak256("commit(bytes32,uint256,bytes32,uint256)")
    expect(encodeMove(job, { type: 'commit', round: 5, blob, weight: 4096 })).toBe(
      `0x52b7968c${job.slice(2)}${word('5')}${blob.slice(2)}${word('1000')}`,
    );
    const shown: ShownLeaf = { length: 258, leaf: '0xabcd', path: [blob] };
    const packed = `0000000000000102${'0002'}${'01'}${'abcd'}${blob.slice(2)}`;
    // keccak256("proveRefused(bytes32,uint256,uint256,bytes)")
    expect(
      encodeMove(job, { type: 'prove', round: 1, lie: { kind: 'refused', participant: 2, shown } }),
    ).toBe(
      `0x40d2fa85${job.slice(2)}${word('1')}${word('2')}${word('80')}${word('2d')}${packed.padEnd(128, '0')}`,
    );
  });

  it('is what viem reads and writes', () => {
    fc.assert(
      fc.property(move, (move) => {
        const call = encodeMove(job, move);
        const decoded = decodeFunctionData({ abi: nonetAbi, data: call });
        expect(encodeFunctionData({ abi: nonetAbi, ...decoded } as never)).toBe(call);
      }),
    );
  });

  it('is undone by decodeMove', () => {
    fc.assert(
      fc.property(address, move, (job, move) => {
        expect(decodeMove(encodeMove(job, move))).toEqual({ job, move });
      }),
      { numRuns: 500 },
    );
  });

  const blob = addressOf(utf8('blob'));
  const receipt = { blob, size: 1, store: `0x${'11'.repeat(20)}` as Account, signature: '0x' as Hex };
  const shown: ShownLeaf = { length: 1, leaf: '0x00', path: [] };
  const refused = (shown: ShownLeaf): Move => ({
    type: 'prove',
    round: 0,
    lie: { kind: 'refused', participant: 0, shown },
  });

  it.each<[string, Move]>([
    ['a negative round', { type: 'advance', round: -1 }],
    ['half a round', { type: 'advance', round: 0.5 }],
    ['a malformed address', { type: 'open', round: 0, model: '0x12' as Address }],
    ['a malformed account', { type: 'admit', accounts: ['0x12'] }],
    ['a negative weight', { type: 'commit', round: 0, blob, weight: -1 }],
    ['a signature of no bytes', { type: 'appeal', round: 0, receipts: [receipt] }],
    [
      'a signature of 66 bytes',
      { type: 'appeal', round: 0, receipts: [{ ...receipt, signature: `0x${'11'.repeat(66)}` }] },
    ],
    ['a negative size', { type: 'appeal', round: 0, receipts: [{ ...receipt, size: -1 }] }],
    ['a leaf that is no hexadecimal', refused({ ...shown, leaf: '0xz' as Hex })],
    ['a leaf of 64 KiB', refused({ ...shown, leaf: `0x${'00'.repeat(2 ** 16)}` })],
    ['a negative length', refused({ ...shown, length: -1 })],
    ['a length that no number holds', refused({ ...shown, length: 2 ** 53 })],
    ['a path of other things than hashes', refused({ ...shown, path: ['0x12' as Address] })],
    ['a path of 256 hashes', refused({ ...shown, path: Array(256).fill(blob) })],
  ])('throws on %s', (_, move) => {
    expect(() => encodeMove(job, move)).toThrow(expect.objectContaining({ code: 'ledger.move' }));
  });
});

describe('decodeMove', () => {
  const encode = encodeFunctionData as (call: object) => Hex;
  const proveHeader = (shown: Hex) =>
    encode({ abi: nonetAbi, functionName: 'proveHeader', args: [job, 0n, 0n, shown] });
  const leaf = `${'00'.repeat(7)}01${'0001'}${'00'}${'ff'}`;

  it.each<[string, Hex]>([
    ['nothing', '0x'],
    ['an unknown function', `0x12345678${job.slice(2)}`],
    ['a view', encode({ abi: nonetAbi, functionName: 'jobOf', args: [job] })],
    ['an anchor', encode({ abi: nonetAbi, functionName: 'anchor', args: [job, job] })],
    ['a job’s creation', encodeTerms(terms())],
    ['calldata that is cut short', encodeMove(job, { type: 'join' }).slice(0, -2) as Hex],
    ['too few leaves', proveHeader(`0x${leaf}`)],
    ['half a leaf', proveHeader(`0x${leaf}${leaf.slice(2)}`)],
    ['half the head of a leaf', proveHeader(`0x${leaf}${leaf}00`)],
  ])('throws on %s', (_, call) => {
    expect(() => decodeMove(call)).toThrow(expect.objectContaining({ code: 'ledger.call' }));
  });
});

function terms(change: Partial<JobTerms> = {}): JobTerms {
  const accounts = ['11', '22', '33'].map((byte) => `0x${byte.repeat(20)}` as Account);
  return {
    record: addressOf(utf8('record')),
    creator: accounts[0]!,
    model: addressOf(utf8('model')),
    rounds: 1,
    minParticipants: 2,
    maxParticipants: 65_535,
    invited: true,
    phases: {
      open: 3,
      collecting: 4,
      closing: 5,
      appealing: 6,
      complaining: 7,
      opening: 8,
      stepping: 9,
      objecting: 10,
    },
    grace: 11,
    attempts: 12,
    expiry: 2 ** 40 - 1,
    aggregators: accounts.slice(0, 2),
    watchers: accounts.slice(1),
    stores: accounts,
    copies: 2,
    maximumWeight: 4096,
    rule: { entries: 101_770, headerLeaves: 13 },
    escrow: 2n ** 96n - 1n,
    bond: 15n,
    ...change,
  };
}

describe('terms', () => {
  it('throw where no calldata can say them', () => {
    for (const change of [
      { rounds: -1 },
      { copies: 256 },
      { escrow: 2n ** 96n },
      { creator: '0x' as Account },
    ]) {
      const encode = () => encodeTerms(terms(change));
      if ('creator' in change) expect(encode).not.toThrow();
      else expect(encode).toThrow(expect.objectContaining({ code: 'ledger.terms' }));
    }
  });

  it.each<[string, JobTerms]>([
    ['of updates that the contract can judge', terms()],
    ['of others', (({ rule: _, ...rest }) => rest)(terms())],
    [
      'of masked updates',
      (({ rule: _, ...rest }) => ({ ...rest, masks: { entries: 7851, threshold: 66 } }))(terms()),
    ],
  ])('%s are read from the event as another implementation writes it', (_, whole) => {
    const { creator, rule, masks, ...rest } = whole;
    const event = nonetAbi.find(({ name }) => name === 'Created') as AbiEvent;
    const parameters = event.inputs.filter(({ indexed }) => indexed !== true);
    const written = {
      ...rest,
      phases: timedPhases.map((phase) => rest.phases[phase]),
      entries: rule?.entries ?? 0,
      headerLeaves: rule?.headerLeaves ?? 0,
      maskEntries: masks?.entries ?? 0,
      maskThreshold: masks?.threshold ?? 0,
    };
    const data = encodeAbiParameters(parameters, [creator, written]);
    expect(decodeTerms(data)).toEqual(whole);
  });

  it('throw where the event is another', () => {
    for (const data of ['0x', `0x${'00'.repeat(64)}`] as const) {
      expect(() => decodeTerms(data)).toThrow(expect.objectContaining({ code: 'ledger.call' }));
    }
  });
});
