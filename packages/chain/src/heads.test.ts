/** Which blocks count as fixed, and what time it is, on a chain that a test moves by hand. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHeads, type HeadsParameters, readUsualConfirmations } from './heads.ts';
import { type Rpc, RpcFailure } from './rpc.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A node, its blocks 10 s apart; `finalized`: a number, none, or an error. */
function createNode(finalized?: number | Error) {
  const node = { latest: 100, asked: [] as string[] };
  const block = (number: number) => ({
    number: `0x${number.toString(16)}`,
    hash: `0x${number.toString(16).padStart(64, '0')}`,
    timestamp: `0x${(10 * number).toString(16)}`,
  });
  const answer = (tag: string) => {
    node.asked.push(tag);
    if (tag !== 'finalized') return node.latest < 0 ? null : block(node.latest);
    if (finalized instanceof Error) throw finalized;
    return finalized === undefined ? null : block(finalized);
  };
  const rpc: Rpc = {
    name: 'node',
    isOneNode: true,
    request: async (method: string, [tag]: readonly unknown[] = []) =>
      (method === 'eth_blockNumber' ? `0x${node.latest.toString(16)}` : answer(String(tag))) as never,
  };
  return { node, rpc };
}
const failure = new RpcFailure('eth_getBlockByNumber', 'node', { code: -32000, message: 'finalized?' });
const headsOf = (
  confirmations: HeadsParameters['confirmations'],
  finalized?: number | Error,
  more: Partial<HeadsParameters> = {},
) => {
  const { node, rpc } = createNode(finalized);
  return { node, heads: createHeads({ rpc, confirmations, ...more }) };
};

describe('fixed', () => {
  it.each<[string, HeadsParameters['confirmations'], number | Error | undefined, number]>([
    ['has so many blocks on top', 2, undefined, 98],
    ['needs nobody who says what is final', 2, failure, 98],
    ['is also what the node calls final', 20, 95, 95],
    ['is not less for what the node calls final', 2, 95, 98],
    ['is no block before the first', 200, undefined, 0],
    ['is every block where none is wanted on top', 0, 50, 100],
    ['is what the node calls final, where that is wanted', 'finalized', 95, 95],
    ['may be the first block alone', 'finalized', 0, 0],
  ])('%s', async (_, confirmations, finalized, expected) => {
    const { heads, node } = headsOf(confirmations, finalized);
    expect(await heads.fixed()).toBe(expected);
    expect(heads.immediate).toBe(confirmations === 0);
    expect(node.asked).toEqual(confirmations === 0 ? [] : ['finalized']);
  });

  it.each([undefined, failure])('is asked in vain of a node that does not know it', async (finalized) => {
    await expect(headsOf('finalized', finalized).heads.fixed()).rejects.toMatchObject({
      code: 'ledger.finality',
    });
  });

  it('throws what else goes wrong', async () => {
    const broken = new TypeError('broken');
    await expect(headsOf(2, broken).heads.fixed()).rejects.toBe(broken);
  });

  it('is a head that stood still for half a minute, but not where finality is wanted', async () => {
    const { heads, node } = headsOf(2, 50);
    expect(await heads.fixed()).toBe(98);
    vi.advanceTimersByTime(29_999);
    expect(await heads.fixed()).toBe(98);
    vi.advanceTimersByTime(1);
    expect(await heads.fixed()).toBe(100);
    node.latest = 101;
    expect(await heads.fixed()).toBe(99);
    vi.advanceTimersByTime(30_000);
    expect(await heads.fixed()).toBe(101);
    const final = headsOf('finalized', 50).heads;
    await final.fixed();
    vi.advanceTimersByTime(30_000);
    expect(await final.fixed()).toBe(50);
  });

  it('is never more than there is', async () => {
    expect(await headsOf(2, 105).heads.fixed()).toBe(100);
  });
});

describe('time', () => {
  it('is that of the latest block, and goes on from when it was first seen', async () => {
    const { heads, node } = headsOf(2);
    expect([await heads.now(), await heads.isLate()]).toEqual([1000, false]);
    vi.advanceTimersByTime(999);
    expect([await heads.now(), await heads.isLate()]).toEqual([1000, false]);
    vi.advanceTimersByTime(1);
    expect([await heads.now(), await heads.isLate()]).toEqual([1001, true]);
    node.latest = 101;
    expect([await heads.now(), await heads.isLate()]).toEqual([1010, false]);
  });

  it('is that of the latest block alone, where the chain makes one for the question', async () => {
    const { heads } = headsOf(0, undefined, { tellsTime: true });
    await heads.now();
    vi.advanceTimersByTime(5000);
    expect([await heads.now(), await heads.isLate()]).toEqual([1000, false]);
  });

  it('is not known of a chain without a block', async () => {
    const { heads, node } = headsOf(2);
    node.latest = -1;
    await expect(heads.now()).rejects.toBeInstanceOf(RpcFailure);
  });
});

it.each<[string | Error, number]>([
  ['anvil/v1.3.1', 0],
  ['HardhatNetwork/2.1', 0],
  ['EthereumJS TestRPC/v2', 0],
  ['Geth/v1.13.15', 2],
  ['Nethermind (not anvil)', 2],
  [new RpcFailure('web3_clientVersion', 'node', { code: -32601, message: 'no such method' }), 2],
])('a node that calls itself %s usually waits for %i blocks', async (version, expected) => {
  const rpc = {
    request: async () => {
      if (version instanceof Error) throw version;
      return version;
    },
  } as unknown as Rpc;
  expect(await readUsualConfirmations(rpc)).toBe(expected);
});

it('what the node cannot be asked is thrown', async () => {
  const lost = new TypeError('lost');
  const rpc = { request: () => Promise.reject(lost) } as unknown as Rpc;
  await expect(readUsualConfirmations(rpc)).rejects.toBe(lost);
});
