/** How a chain is begun again from what is on disk; anvil is pretended. */
import { type Hex, NonetError } from '@nonet/core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Anvil, AnvilRefusal, startAnvil } from './anvil.ts';
import type { Journal, JournaledBlock } from './journal.ts';
import { isLost, recoverChain } from './recovery.ts';
import { readSnapshots, type Snapshot } from './snapshots.ts';

vi.mock('./anvil.ts', async (load) => ({
  ...(await load<typeof import('./anvil.ts')>()),
  startAnvil: vi.fn(),
}));
vi.mock('./snapshots.ts', () => ({ readSnapshots: vi.fn() }));

const word = (number: number): Hex => `0x${number.toString(16).padStart(64, '0')}`;
const blockOf = (number: number, hash: Hex | undefined = word(number)): JournaledBlock => ({
  number,
  timestamp: 10 * number,
  transactions: [word(100 + number)],
  ...(hash === undefined ? {} : { hash }),
});
const snapshotOf = (block: number): Snapshot => ({ block, hash: word(block), state: word(block) });
const failure = (code: string) => new NonetError({ code, expected: 'a', found: 'b' });

interface Pretended extends Anvil {
  readonly asked: string[];
  readonly kill: ReturnType<typeof vi.fn<() => Promise<void>>>;
}
let anvils: Pretended[];
/** What the next anvils do instead of answering a method. */
let troubles: Record<string, Error>[];

function createAnvil(trouble: Record<string, Error>): Pretended {
  let number = 0;
  const asked: string[] = [];
  return {
    url: '',
    pid: 1,
    exited: new Promise(() => undefined),
    asked,
    kill: vi.fn(async () => undefined),
    async request(method: string, ...parameters: readonly unknown[]) {
      asked.push([method, ...parameters].join(' '));
      if (trouble[method] !== undefined) throw trouble[method];
      if (method === 'anvil_loadState') number = Number(parameters[0]);
      if (method === 'evm_mine') number++;
      return { number: `0x${number.toString(16)}`, hash: word(number), transactions: [] } as never;
    },
  };
}

let blocks: JournaledBlock[];
const recordHash = vi.fn();
const source = {
  directory: '/x',
  identity: {} as never,
  journal: {
    after: (number: number) => blocks.filter((block) => block.number > number).values(),
    recordHash,
  } as unknown as Journal,
};
beforeEach(() => {
  anvils = [];
  troubles = [];
  blocks = [1, 2, 3].map((number) => blockOf(number));
  recordHash.mockReset();
  vi.mocked(readSnapshots).mockImplementation(() => [].values() as never);
  vi.mocked(startAnvil).mockImplementation(async () => {
    const anvil = createAnvil(troubles.shift() ?? {});
    anvils.push(anvil);
    return anvil;
  });
});
const withSnapshots = (...numbers: readonly number[]) =>
  vi.mocked(readSnapshots).mockImplementation(() => numbers.map(snapshotOf).values() as never);
const minedBy = ({ asked }: Pretended) => asked.filter((call) => call === 'evm_mine').length;

describe('a chain', () => {
  it('is made again block by block, and knows the hash of the last then', async () => {
    blocks[2] = { number: 3, timestamp: 30, transactions: [] };
    const { anvil, snapshotAt } = await recoverChain(source);
    expect([anvil, snapshotAt]).toEqual([anvils[0], 0]);
    expect(anvils[0]!.asked.filter((call) => /send|Timestamp/.test(call))).toEqual([
      `eth_sendRawTransaction ${word(101)}`,
      'evm_setNextBlockTimestamp 10',
      `eth_sendRawTransaction ${word(102)}`,
      'evm_setNextBlockTimestamp 20',
      'evm_setNextBlockTimestamp 30',
    ]);
    expect(recordHash.mock.calls).toEqual([[3, word(3)]]);
  });

  it('is begun from the newest snapshot', async () => {
    withSnapshots(2, 1);
    expect((await recoverChain(source)).snapshotAt).toBe(2);
    expect([anvils.length, minedBy(anvils[0]!)]).toEqual([1, 1]);
    expect(anvils[0]!.kill).not.toHaveBeenCalled();
  });

  it.each<[string, Record<string, Error>]>([
    ['does not take', { anvil_loadState: new AnvilRefusal('anvil_loadState', { code: 1, message: 'no' }) }],
    ['dies of', { anvil_loadState: failure('chain.lost') }],
  ])('is begun from the one before a snapshot that anvil %s', async (_, trouble) => {
    withSnapshots(2, 1);
    troubles = [trouble];
    expect((await recoverChain(source)).snapshotAt).toBe(1);
    expect(anvils.map(({ kill }) => kill.mock.calls.length)).toEqual([1, 0]);
  });

  it('is begun from the one before a snapshot that is of another block', async () => {
    vi.mocked(readSnapshots).mockImplementation(
      () => [{ ...snapshotOf(2), hash: word(7) }, snapshotOf(1)].values() as never,
    );
    expect((await recoverChain(source)).snapshotAt).toBe(1);
  });
});

describe('a block that is made otherwise', () => {
  it.each<[string, JournaledBlock]>([
    ['with another hash', blockOf(2, word(7))],
    ['with another number', blockOf(4)],
    ['with another number and no hash', { number: 4, timestamp: 40, transactions: [] }],
  ])('%s ends it at once', async (_, block) => {
    blocks[1] = block;
    await expect(recoverChain(source)).rejects.toMatchObject({ code: 'chain.diverged' });
    expect(anvils).toHaveLength(1);
    expect(anvils[0]!.kill).toHaveBeenCalledOnce();
    expect(recordHash).not.toHaveBeenCalled();
  });
});

describe('an anvil that dies on the way', () => {
  it('is started again', async () => {
    troubles = [{ evm_mine: failure('chain.lost') }, { evm_mine: failure('chain.start') }];
    await recoverChain(source);
    expect(anvils.map(({ kill }) => kill.mock.calls.length)).toEqual([1, 1, 0]);
  });

  it('five times has another reason than a kill', async () => {
    const lost = failure('chain.lost');
    troubles = Array.from({ length: 5 }, () => ({ evm_mine: lost }));
    await expect(recoverChain(source)).rejects.toBe(lost);
    expect(anvils).toHaveLength(5);
    troubles = Array.from({ length: 4 }, () => ({ evm_mine: lost }));
    await recoverChain(source);
    expect(anvils).toHaveLength(10);
  });

  it('is told from one that refuses, and from other errors', () => {
    expect(['chain.lost', 'chain.start', 'chain.diverged'].map((code) => isLost(failure(code)))).toEqual([
      true,
      true,
      false,
    ]);
    for (const error of [undefined, new Error('x'), Object.assign(new Error('x'), { code: 'chain.lost' })]) {
      expect(isLost(error)).toBe(false);
    }
  });
});
