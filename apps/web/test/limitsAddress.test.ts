import { type LimitsRequest, scenarios, uncoupled } from '@nonet/limits';
import { expect, test } from 'vitest';
import { overheadOf, readRequest, writeRequest } from '../src/pages/limits/address.ts';

const own: LimitsRequest = {
  scenario: scenarios.epoch2024,
  draws: 2000,
  seed: 1,
  year: 2030,
  coupling: uncoupled,
};

test('an empty address asks for what the page came with', () => {
  expect(readRequest('', own)).toBe(own);
  expect(writeRequest(own, own)).toBe('');
});

test('what is asked is written and read back', () => {
  const asked: LimitsRequest = {
    ...own,
    draws: 20_000,
    scenario: scenarios.epri2025,
    year: 2032,
    coupling: { ...uncoupled, ...overheadOf(25), privateDataShare: 0.5, teeShare: 0.2 },
  };
  const text = writeRequest(asked, own);
  expect(text).toBe('scenario=epri2025&year=2032&overhead=25&private=0.5&attest=0.2');
  expect(readRequest(`#${text}`, own)).toEqual(asked);
});

test.each(['scenario=none', 'year=1', 'year=', 'overhead=0.5', 'overhead=x', 'private=2', 'attest=-1', '%'])(
  'what is not understood, %j, counts as not asked',
  (hash) => {
    expect(readRequest(hash, own)).toBe(own);
  },
);
