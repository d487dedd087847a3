/** What a client reads of a job on a chain that a test writes by hand, and takes back. */
import type { Hex } from '@nonet/core';
import type { Move } from '@nonet/core/ports';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createJobLog, type JobLogParameters, type Log, readLogs } from './jobLog.ts';
import { type Rpc, RpcFailure } from './rpc.ts';

const word = (text: string): Hex => `0x${text.padStart(64, '0')}`;
const topic = word('aa');

/** Blocks by number: the branch that each is of, and the moves in it. */
let blocks: { branch: string; moves: string[] }[];
let fixed: number;
let asked: string[];
beforeEach(() => {
  blocks = [];
  asked = [];
  for (let number = 0; number < 5; number++) addBlock('a');
  fixed = 4;
});

function addBlock(branch: string, ...moves: string[]): void {
  blocks.push({ branch, moves });
}
const hashOf = (number: number) => word(`${blocks[number]!.branch}${number}`);

const rpc: Rpc = {
  name: 'node',
  isOneNode: true,
  request: async (method: string, [tag]: readonly unknown[] = []) => {
    asked.push(`${method} ${Number(tag)}`);
    const number = Number(tag);
    const found =
      blocks[number] === undefined
        ? null
        : { number: tag, hash: hashOf(number), timestamp: `0x${(10 * number).toString(16)}` };
    return found as never;
  },
};

function createLog(more: Partial<JobLogParameters> = {}) {
  const readMoves = vi.fn(async (from: number, to: number) =>
    blocks.slice(from, to + 1).flatMap(({ moves }, i) =>
      moves.map(
        (move): Log => ({
          data: '0x',
          topics: [],
          block: from + i,
          blockHash: hashOf(from + i),
          transaction: word(move),
        }),
      ),
    ),
  );
  const log = createJobLog({
    rpc,
    heads: { fixed: async () => fixed } as never,
    terms: { record: word('77') } as never,
    created: { block: 2, hash: hashOf(2) },
    reorganises: true,
    readMoves,
    decode: () => ({ move: { type: 'join' } satisfies Move, by: '0x00' as never }),
    ...more,
  });
  const moves = () => log.events.map(({ transaction }) => transaction.replace(/^0x0*/, ''));
  return { log, moves, readMoves };
}

describe('a poll', () => {
  it('reads from the job’s creation on, then what is new, up to what is fixed', async () => {
    blocks[1]!.moves.push('1');
    blocks[2]!.moves.push('2');
    const { log, moves, readMoves } = createLog();
    await log.poll();
    expect(moves()).toEqual(['2']);
    addBlock('a', '5', '6');
    await log.poll();
    expect(moves()).toEqual(['2']);
    fixed = 5;
    await log.poll();
    expect(moves()).toEqual(['2', '5', '6']);
    expect(log.events[1]).toMatchObject({ at: 50, block: 5 });
    expect(readMoves.mock.calls).toEqual([
      [2, 4],
      [5, 5],
    ]);
  });

  it('asks for nothing where nothing is new', async () => {
    const { log } = createLog();
    await log.poll();
    asked = [];
    await log.poll();
    expect(asked).toEqual([]);
  });

  it('passes over a node that is behind, and keeps what it has', async () => {
    blocks[3]!.moves.push('3');
    const { log, moves, readMoves } = createLog();
    await log.poll();
    fixed = 3;
    await log.poll();
    const { events } = log;
    fixed = 4;
    await log.poll();
    expect(moves()).toEqual(['3']);
    expect(log.events).toBe(events);
    expect(readMoves).toHaveBeenCalledOnce();
  });

  it('reads no blocks of a chain that takes nothing back', async () => {
    const { log, readMoves } = createLog({ reorganises: false });
    blocks[4]!.moves.push('4');
    await log.poll();
    fixed = 3;
    await log.poll();
    expect(readMoves).toHaveBeenCalledOnce();
    // The time of the one move.
    expect(asked).toEqual(['eth_getBlockByNumber 4']);
  });

  it('tries again where the top changes while it reads, or is not there yet', async () => {
    const { log, moves, readMoves } = createLog();
    readMoves.mockImplementationOnce(async () => {
      blocks[4]!.branch = 'b';
      return [];
    });
    await log.poll();
    blocks[4]!.moves.push('4');
    expect(moves()).toEqual([]);
    await log.poll();
    expect(moves()).toEqual(['4']);
    fixed = 5;
    await log.poll();
    expect(moves()).toEqual(['4']);
    addBlock('b', '5');
    await log.poll();
    expect(moves()).toEqual(['4', '5']);
  });

  it('under way is not taken for the next one, which those who come meanwhile share', async () => {
    const { log, readMoves } = createLog();
    const first = log.poll();
    addBlock('a', '5');
    const [second, third] = [log.poll(), log.poll()];
    fixed = 5;
    await Promise.all([first, second, third]);
    expect(log.events).toHaveLength(1);
    expect(readMoves.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('that fails does not fail the next', async () => {
    const { log, readMoves } = createLog();
    readMoves.mockRejectedValueOnce(new Error('away'));
    const first = log.poll();
    const second = log.poll();
    await expect(first).rejects.toThrow('away');
    await second;
    expect(readMoves).toHaveBeenCalledTimes(2);
  });
});

describe('a chain that takes blocks back', () => {
  const branchOff = (from: number, ...moves: string[]) => {
    blocks = blocks.slice(0, from);
    while (blocks.length < 7) addBlock('b', ...(blocks.length === from ? moves : []));
  };

  it('is read on from the last block that is still there', async () => {
    blocks[3]!.moves.push('3');
    const { log, moves, readMoves } = createLog();
    await log.poll();
    const kept = log.events[0];
    addBlock('a', '5');
    fixed = 5;
    await log.poll();
    expect(moves()).toEqual(['3', '5']);
    branchOff(5, 'b5');
    fixed = 6;
    await log.poll();
    expect(moves()).toEqual(['3', 'b5']);
    expect(log.events[0]).toBe(kept);
    expect(readMoves.mock.calls.at(-1)).toEqual([5, 6]);
  });

  it('that goes back to a block that was read is not asked for more', async () => {
    blocks[3]!.moves.push('3');
    const { log, moves, readMoves } = createLog();
    await log.poll();
    addBlock('a', '5');
    fixed = 5;
    await log.poll();
    branchOff(5);
    fixed = 4;
    await log.poll();
    expect(moves()).toEqual(['3']);
    expect(readMoves).toHaveBeenCalledTimes(2);
  });

  it('is read from the creation where none is left, also where nothing is higher', async () => {
    blocks[3]!.moves.push('3');
    const { log, moves } = createLog();
    await log.poll();
    fixed = 5;
    branchOff(3, 'b3');
    await log.poll();
    expect(moves()).toEqual(['b3']);
    expect(log.lost).toBe(false);
  });

  it('is waited for while it lacks what was read', async () => {
    blocks[3]!.moves.push('3');
    const { log, moves } = createLog();
    await log.poll();
    blocks = blocks.slice(0, 4);
    fixed = 3;
    await log.poll();
    expect(moves()).toEqual(['3']);
    // Its only checkpoint changed, and the creation is not there.
    const all = createLog();
    while (blocks.length < 5) addBlock('a');
    fixed = 4;
    await all.log.poll();
    blocks[4]!.branch = 'b';
    fixed = 5;
    const creation = blocks[2]!;
    delete blocks[2];
    await all.log.poll();
    expect(all.log.lost).toBe(false);
    blocks[2] = creation;
    addBlock('b');
    await all.log.poll();
    expect(all.moves()).toEqual(['3']);
  });

  it('may take back the job', async () => {
    const { log } = createLog();
    await log.poll();
    branchOff(2);
    fixed = 5;
    await expect(log.poll()).rejects.toMatchObject({ code: 'ledger.reorganised' });
    expect(log.lost).toBe(true);
  });

  it('is read from the creation beyond 256 polls', async () => {
    const { log, moves, readMoves } = createLog();
    for (let i = 0; i < 257; i++) {
      fixed = blocks.length - 1;
      await log.poll();
      addBlock('a');
    }
    // The first of 257 places is forgotten, the second is not.
    const change = (from: number) => {
      for (const block of blocks.slice(from)) block.branch = 'b';
      fixed = blocks.length - 1;
    };
    change(6);
    await log.poll();
    expect(readMoves.mock.calls.at(-1)![0]).toBe(6);
    for (let i = 0; i < 256; i++) {
      addBlock('b');
      fixed = blocks.length - 1;
      await log.poll();
    }
    change(6);
    for (const block of blocks.slice(6)) block.branch = 'c';
    fixed--;
    await log.poll();
    expect(readMoves.mock.calls.at(-1)![0]).toBe(2);
    expect(moves()).toEqual([]);
  });
});

describe('logs', () => {
  const account = `0x${'12'.repeat(20)}` as never;
  const entry = {
    data: '0x01',
    blockNumber: '0x3',
    blockHash: word('3'),
    transactionHash: word('4'),
    topics: [topic, word('bb')],
  };
  const readFrom = (answer: (from: number, to: number) => unknown, from: number, to: number) => {
    const request = vi.fn(async (_: string, [filter]: readonly unknown[] = []) => {
      const { fromBlock, toBlock } = filter as { readonly fromBlock: Hex; readonly toBlock: Hex };
      return answer(Number(fromBlock), Number(toBlock)) as never;
    });
    const read = readLogs({ name: 'node', isOneNode: true, request }, account, [topic], from, to);
    return { read, request };
  };
  const failure = new RpcFailure('eth_getLogs', 'node', { code: -32000, message: 'too many' });

  it('are read with what nodes may leave out, and topics in any case', async () => {
    const timed = { ...entry, topics: [topic.replace('aa', 'AA')], blockTimestamp: '0x7' };
    expect(await readFrom(() => [entry, timed], 1, 3).read).toEqual([
      { data: '0x01', topics: entry.topics, block: 3, blockHash: word('3'), transaction: word('4') },
      { data: '0x01', topics: [topic], block: 3, blockHash: word('3'), transaction: word('4'), timestamp: 7 },
    ]);
  });

  it('come in order where a node refuses a long range, which is halved', async () => {
    const { read, request } = readFrom(
      (from, to) => {
        if (to - from > 1) throw failure;
        return [{ ...entry, blockNumber: `0x${from.toString(16)}` }];
      },
      1,
      7,
    );
    expect((await read).map(({ block }) => block)).toEqual([1, 3, 5, 7]);
    expect(request).toHaveBeenCalledTimes(7);
  });

  it('of one block are asked for once, and other errors are not asked again', async () => {
    const refused = readFrom(
      () => {
        throw failure;
      },
      4,
      4,
    );
    await expect(refused.read).rejects.toBe(failure);
    expect(refused.request).toHaveBeenCalledOnce();
    const broken = new TypeError('broken');
    const other = readFrom(
      () => {
        throw broken;
      },
      1,
      9,
    );
    await expect(other.read).rejects.toBe(broken);
    expect(other.request).toHaveBeenCalledOnce();
  });

  it.each<[string, unknown]>([
    ['of another event', { ...entry, topics: [word('cc')] }],
    ['without topics', { ...entry, topics: undefined }],
    ['that is null', null],
    ['without a block', { ...entry, blockNumber: undefined }],
    ['of a short hash', { ...entry, blockHash: '0x12' }],
    ['whose time is no number', { ...entry, blockTimestamp: 'now' }],
  ])('%s are refused', async (_, log) => {
    await expect(readFrom(() => [log], 1, 1).read).rejects.toMatchObject({ code: 'ledger.rpc' });
  });
});
