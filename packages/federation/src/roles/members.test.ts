import { pause } from '@nonet/core';
import { createPrivateKey, createSigner } from '@nonet/core/identity';
import type { Ledger, LedgerEvent } from '@nonet/core/ports';
import { sampleJob } from '@nonet/core/testing/run';
import { expect, test } from 'vitest';
import { createMembers } from './members.ts';

const [early, late, stranger] = [1, 2, 3].map(() => createSigner(createPrivateKey()).account);

function play() {
  const events: LedgerEvent[] = [];
  let asked = 0;
  const moves = async () => {
    asked++;
    return [...events];
  };
  const join = (by: typeof early) => events.push({ move: { type: 'join' }, by } as LedgerEvent);
  const members = createMembers(sampleJob, { rounds: { moves } } as unknown as Ledger);
  return { members, join, asked: () => asked };
}

test('counts those that the record names, and as many participants as may join', () => {
  const { creator, aggregators, watchers, maxParticipants } = sampleJob;
  expect(play().members.count).toBe([creator, ...aggregators, ...watchers].length + maxParticipants);
});

test('knows those that the record names without asking', async () => {
  const { members, asked } = play();
  const { creator, aggregators, watchers } = sampleJob;
  for (const account of [creator, ...aggregators, ...watchers]) {
    expect(await members.includes(account)).toBe(true);
  }
  expect(asked()).toBe(0);
});

test('asks for others no more than once a second, and never misses who has joined before', async () => {
  const { members, join, asked } = play();
  join(early!);
  const at = performance.now();
  expect(await Promise.all([early, stranger, early].map((account) => members.includes(account!)))).toEqual([
    true,
    false,
    true,
  ]);
  expect(asked()).toBe(1);
  join(late!);
  expect(await Promise.all([late, stranger].map((account) => members.includes(account!)))).toEqual([
    true,
    false,
  ]);
  expect(asked()).toBe(2);
  expect(performance.now() - at).toBeGreaterThan(900);
  expect(await members.includes(late!)).toBe(true);
  expect(asked()).toBe(2);
});

test('asks again after the ledger was out of reach', async () => {
  let away = true;
  const moves = async () => {
    if (away) throw new Error('away');
    return [{ move: { type: 'join' }, by: early }];
  };
  const members = createMembers(sampleJob, { rounds: { moves } } as unknown as Ledger);
  await expect(members.includes(early!)).rejects.toThrow('away');
  away = false;
  expect(await members.includes(early!)).toBe(true);
});

test('asks nothing further while the ledger has not answered', async () => {
  let asked = 0;
  const moves = () => {
    asked++;
    return new Promise<never>(() => {});
  };
  const members = createMembers(sampleJob, { rounds: { moves } } as unknown as Ledger);
  void members.includes(stranger!);
  await expect.poll(() => asked).toBe(1);
  void members.includes(stranger!);
  await pause(1200);
  expect(asked).toBe(1);
});
