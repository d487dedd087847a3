import { MisuseError } from '@nonet/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  administratorFunctions,
  dispatchedSelectors,
  operationsOf,
  parseBytecode,
  probeBytecode,
} from './bytecode.ts';
import { recogniseLicence } from './licence.ts';
import { precisionOf } from './precision.ts';
import { type ProbeId, probeDefinitions } from './probe.ts';
import { probeRepository, type RepositorySnapshot } from './repository.ts';

function snapshot(
  files: Readonly<Record<string, string>>,
  fields: Partial<RepositorySnapshot> = {},
): RepositorySnapshot {
  return {
    commit: '1'.repeat(40),
    committed: '2026-01-01',
    commits: 100,
    commitsLastYear: 50,
    authorsLastYear: 3,
    paths: Object.keys(files),
    read: (path) => files[path],
    ...fields,
  };
}

const answer = (probe: ProbeId, files: Readonly<Record<string, string>>, fields = {}) =>
  probeRepository(snapshot(files, fields)).find((result) => result.probe === probe)!;

describe('probes of a repository', () => {
  it.each([
    ['src/a.test.ts', 'yes'],
    ['tests/a.rs', 'yes'],
    ['pkg/a_test.go', 'yes'],
    ['test/Round.t.sol', 'yes'],
    ['test_a.py', 'yes'],
    ['src/a.ts', 'no'],
    ['docs/api-spec.mdx', 'no'],
    ['tests/data.bin', 'no'],
    ['node_modules/x/test/a.js', 'no'],
    ['vendor/x/a_test.go', 'no'],
    ['src/latest.ts', 'no'],
  ])('tests: %s %s', (path, expected) => {
    expect(answer('tests', { [path]: '' }).answer).toBe(expected);
  });

  it.each([
    ['.github/workflows/ci.yml', 'yes'],
    ['.gitlab-ci.yml', 'yes'],
    ['docs/.github/workflows/ci.yml', 'no'],
    ['.github/dependabot.yml', 'no'],
  ])('ci: %s %s', (path, expected) => {
    expect(answer('ci', { [path]: '' }).answer).toBe(expected);
  });

  it.each([
    ['SECURITY.md', 'yes'],
    ['.github/SECURITY.md', 'yes'],
    ['src/security.ts', 'no'],
    ['packages/a/SECURITY.md', 'no'],
  ])('disclosure: %s %s', (path, expected) => {
    expect(answer('disclosure', { [path]: '' }).answer).toBe(expected);
  });

  it.each([
    ['This code is unaudited.', 'yes'],
    ['**The code has not yet been fully audited.', 'yes'],
    ['This codebase is not audited and not production ready.', 'yes'],
    ['> This project is **deprecated**.', 'yes'],
    ['The software is experimental.', 'yes'],
    ['World ID 3.0 is entering a **sunsetting phase**.', 'yes'],
    ['> **Templar is dormant**', 'yes'],
    ['There are no official swarms running right now.', 'yes'],
    ['This repository was archived by its owner.', 'yes'],
    ['- Research prototype; no security audit of the full construction.', 'yes'],
    ['The audited contracts are live.', 'no'],
    ['We ran experiments.', 'no'],
    ['The deprecated endpoint will be removed.', 'no'],
    ['It is ready for production.', 'no'],
  ])('contradictions: "%s" %s', (text, expected) => {
    const found = answer('contradictions', { 'README.md': `# A\n${text}\n` });
    expect(found.answer).toBe(expected);
    if (expected === 'yes') expect(found.places).toEqual([{ path: 'README.md', line: 2, text }]);
  });

  it.each([
    ['docs/security/faq.md', 'yes'],
    ['docs/overview.md', 'yes'],
    ['STATUS.md', 'yes'],
    ['docs/api/client.md', 'no'],
    ['src/README.md', 'yes'],
    ['a/b/c/README.md', 'no'],
    ['vendor/README.md', 'no'],
  ])('contradictions: looks into %s: %s', (path, expected) => {
    expect(answer('contradictions', { [path]: 'This is unaudited.' }).answer).toBe(expected);
  });

  it('contradictions: quotes without control characters, and at most ten places', () => {
    const found = answer('contradictions', { 'README.md': 'unaudited \u001b[31m\u202e\n'.repeat(20) });
    expect(found.fact).not.toMatch(/\p{Cc}|\u202e/u);
    expect(found.places).toHaveLength(10);
  });

  it('activity and licence say what they saw', () => {
    expect(answer('activity', {}, { commitsLastYear: 3 })).toMatchObject({ answer: 'no' });
    expect(answer('licence', {})).toMatchObject({ answer: 'no' });
    expect(answer('licence', { LICENSE: 'All rights reserved.' }).fact).toContain('not recognised');
  });

  it('take any file names and texts', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (files) => {
        expect(probeRepository(snapshot(files))).toHaveLength(6);
      }),
    );
  });
});

describe('licences', () => {
  it.each([
    [
      'Apache License\nVersion 2.0, January 2004\n\nTERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION',
      'Apache-2.0',
    ],
    ['GNU AFFERO GENERAL PUBLIC LICENSE\n  Version 3, 19 November 2007', 'AGPL-3.0'],
    ['GNU GENERAL PUBLIC LICENSE Version 3', 'GPL-3.0'],
    ['GNU LESSER GENERAL PUBLIC LICENSE Version 2.1', 'LGPL-2.1'],
    ['Mozilla Public License Version 2.0', 'MPL-2.0'],
    ['Business Source License 1.1', 'BUSL-1.1'],
    ['This is free and unencumbered software released into the public domain.', 'Unlicense'],
    ['All rights reserved.', undefined],
    ['', undefined],
  ])('%j is %s', (text, name) => {
    expect(recogniseLicence(text)).toBe(name);
  });

  it('tells the clear variant of BSD from the plain one, and MIT from what only begins like it', () => {
    const bsd =
      'Redistributions of source code must retain\nRedistributions in binary form\nNeither the name of X';
    expect(recogniseLicence(bsd)).toBe('BSD-3-Clause');
    expect(recogniseLicence(`NO EXPRESS OR IMPLIED LICENSES TO ANY PARTY'S PATENT RIGHTS\n${bsd}`)).toBe(
      'BSD-3-Clause-Clear',
    );
    const grant = 'Permission is hereby granted, free of charge, to any person obtaining a copy';
    expect(recogniseLicence(grant)).toBeUndefined();
    expect(
      recogniseLicence(
        `# ${grant}\n# The above copyright notice and this permission notice shall be included`,
      ),
    ).toBe('MIT');
  });
});

describe('the bytecode probe', () => {
  it('finds selectors that a dispatcher compares with, not those inside of pushed data', () => {
    const selectors = (hex: string) => [...dispatchedSelectors(operationsOf(parseBytecode(hex)))];
    // DUP1 PUSH4 EQ PUSH2 JUMPI, as Solidity writes it; Vyper's XOR; a difference.
    expect(selectors('80638da5cb5b1461001057')).toEqual(['8da5cb5b']);
    expect(selectors('638da5cb5b811861001057')).toEqual(['8da5cb5b']);
    expect(selectors('80638da5cb5b0361001057')).toEqual(['8da5cb5b']);
    // PUSH6 60 63 8da5cb5b: the inner bytes are data.
    expect(selectors('6560638da5cb5b1461001057')).toEqual([]);
    // PUSH3 of a selector that begins with a zero byte.
    expect(selectors('8062aabbcc1461001057')).toEqual(['00aabbcc']);
    // A push that the code's end cuts off is none.
    expect(selectors('638da5cb')).toEqual([]);
  });

  it('takes a selector that is only sent to another contract for none of its own', () => {
    // PUSH4 PUSH1 e0 SHL DUP2 MSTORE: the head of call data.
    expect(probeBytecode(parseBytecode('638da5cb5b60e01b8152')).answer).toBe('no');
  });

  it('knows a proxy with a slot of its own, and neither a fixed target nor a library', () => {
    const rest = '3d5f5f3e';
    // CALLDATASIZE 0 0 CALLDATACOPY, then DELEGATECALL to what SLOAD of slot 5 gives.
    const forward = (target: string) => `365f5f375f5f365f${target}5af4${rest}`;
    expect(probeBytecode(parseBytecode(forward('600554'))).fact).toContain('slot of its own');
    expect(probeBytecode(parseBytecode(forward(`73${'11'.repeat(20)}`))).answer).toBe('no');
    expect(
      probeBytecode(parseBytecode(`600554505f5f6004 5f73${'11'.repeat(20)}5af4`.replaceAll(' ', ''))).answer,
    ).toBe('no');
  });

  it('knows proxies', () => {
    const clone = `363d3d373d3d3d363d73${'11'.repeat(20)}5af43d82803e903d91602b57fd5bf3`;
    expect(probeBytecode(parseBytecode(clone)).fact).toContain('EIP-1167');
    const slot = '7f360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';
    expect(probeBytecode(parseBytecode(`${slot}54`)).fact).toContain('EIP-1967');
    expect(probeBytecode(parseBytecode('00')).answer).toBe('no');
  });

  it('refuses what is no bytecode, and takes any bytes', () => {
    for (const bad of ['', '0x', '0x6', 'xyz', '60'.repeat(200_000)]) {
      expect(() => parseBytecode(bad)).toThrow(MisuseError);
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (code) => {
        expect(['yes', 'no']).toContain(probeBytecode(code).answer);
      }),
    );
  });

  it('names each function once', () => {
    const names = Object.values(administratorFunctions);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('precision', () => {
  it('counts hits among what was said and among what is', () => {
    const of = (said: boolean, is: boolean) => ({ probe: 'tests' as const, subject: 's', said, is });
    const [only, ...none] = precisionOf([of(true, true), of(true, false), of(false, true), of(false, false)]);
    expect(none).toEqual([]);
    expect(only).toMatchObject({
      probe: 'tests',
      cases: 4,
      precision: { hits: 1, of: 2 },
      whenNo: { hits: 1, of: 2 },
      recall: { hits: 1, of: 2 },
    });
  });

  it('is of probes that are defined', () => {
    expect(new Set(probeDefinitions.map(({ id }) => id)).size).toBe(probeDefinitions.length);
  });
});
