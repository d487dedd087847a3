/** The contract's ABI against another implementation of it. */
import type { Hex } from '@nonet/core';
import {
  type AbiEvent,
  type AbiFunction,
  encodeAbiParameters,
  encodeEventTopics,
  toEventSelector,
  toFunctionSelector,
} from 'viem';
import { describe, expect, it } from 'vitest';
import { decodeCall, decodeEventData, decodeResult, encodeCall, errorNameOf, topicsOf } from './abi.ts';
import { nonetAbi } from './artefacts/nonetAbi.ts';

const job: Hex = `0x${'ab'.repeat(32)}`;
const account: Hex = `0x${'cd'.repeat(20)}`;

describe('selectors', () => {
  it('are those of viem', () => {
    for (const item of nonetAbi) {
      const { selector, ...rest } = item;
      const theirs =
        rest.type === 'event'
          ? toEventSelector(rest as AbiEvent)
          : toFunctionSelector({ ...rest, type: 'function' } as AbiFunction);
      expect([item.name, selector]).toEqual([item.name, theirs]);
    }
  });

  it('of events come first in their topics', () => {
    const args = { job, root: job, by: account };
    expect(topicsOf('Anchored', job, job, account)).toEqual(
      encodeEventTopics({ abi: nonetAbi, eventName: 'Anchored', args }),
    );
  });

  it('of errors tell their names, of nothing else', () => {
    // keccak256("TooEarly()")
    expect(errorNameOf('0x085de625')).toBe('TooEarly');
    for (const revert of ['0x', '0x085de6', '0x08c379a0', encodeCall('join', [job])] as const) {
      expect(errorNameOf(revert)).toBeUndefined();
    }
  });
});

describe('calls', () => {
  it('are read as they were written', () => {
    const call = encodeCall('memberOf', [job, account]);
    // keccak256("memberOf(bytes32,address)")
    expect(call).toBe(`${call.slice(0, 10)}${job.slice(2)}${account.slice(2).padStart(64, '0')}`);
    expect(decodeCall(call)).toEqual({ name: 'memberOf', args: [job, account] });
  });

  it('of no function are none, and cut ones throw', () => {
    expect(decodeCall('0xffffffff')).toBeUndefined();
    expect(decodeCall('0x')).toBeUndefined();
    expect(() => decodeCall(encodeCall('join', [job]).slice(0, 60) as Hex)).toThrow();
    expect(() => decodeCall(encodeCall('join', [job]).slice(0, 10) as Hex)).toThrow();
  });

  it('throw for values that their types do not allow', () => {
    expect(() => encodeCall('join', ['0xab'])).toThrow();
    expect(() => encodeCall('memberOf', [job, '0xab'])).toThrow();
    expect(() => encodeCall('advance', [job, -1n])).toThrow();
    expect(() => encodeCall('advance', [job, 2n ** 256n])).toThrow();
    expect(() => encodeCall('advance', [job] as never)).toThrow();
  });
});

it('decodeResult reads one value, and throws for other bytes', () => {
  expect(decodeResult('createdIn', `0x${'7'.padStart(64, '0')}`)).toBe(7n);
  expect(() => decodeResult('createdIn', '0x')).toThrow();
  expect(() => decodeResult('createdIn', '0x07')).toThrow();
});

it('decodeEventData reads what is not a topic, and throws for other bytes', () => {
  const data = encodeAbiParameters([{ type: 'address' }, { type: 'bytes' }], [account, '0x0102']);
  expect(decodeEventData('Moved', data)).toEqual([account, '0x0102']);
  expect(() => decodeEventData('Moved', data.slice(0, -64) as Hex)).toThrow();
});
