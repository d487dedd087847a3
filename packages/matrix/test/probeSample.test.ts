/** The labelled sample of the probes: recomputed, and large enough to say something. */
import { readFileSync } from 'node:fs';
import { toFunctionSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import { probeSample } from '../data/projects/index.ts';
import { compileSample, sampleSource } from '../scripts/labelProbes.ts';
import { administratorFunctions, parseBytecode, precisionOf, probeBytecode } from '../src/probes/index.ts';

describe('the labelled sample', () => {
  it('is what the script makes', () => {
    expect(readFileSync(new URL('../data/probeSample.ts', import.meta.url), 'utf8')).toBe(sampleSource());
  }, 60_000);

  it('has at least 50 cases, of each probe that decides something', () => {
    expect(probeSample.length).toBeGreaterThanOrEqual(50);
    expect(precisionOf(probeSample).map(({ probe }) => probe)).toEqual([
      'tests',
      'ci',
      'disclosure',
      'licence',
      'contradictions',
      'administrator',
    ]);
  });

  it('says why wherever a probe errs', () => {
    const errors = probeSample.filter(({ said, is }) => said !== is);
    expect(errors.length).toBeGreaterThan(0);
    for (const { subject, because } of errors) expect(because, subject).toBeDefined();
  });

  it('has these precisions', () => {
    const text = precisionOf(probeSample).map(
      ({ probe, precision, whenNo, recall }) =>
        `${probe} ${precision.hits}/${precision.of} ${whenNo.hits}/${whenNo.of} ${recall.hits}/${recall.of}`,
    );
    expect(text).toEqual([
      'tests 34/34 7/7 34/34',
      'ci 32/35 6/6 32/32',
      'disclosure 10/10 31/31 10/10',
      'licence 30/30 10/11 30/31',
      'contradictions 17/22 41/42 17/18',
      'administrator 13/15 10/12 13/15',
    ]);
  });
});

describe('the functions of an administrator', () => {
  it.each(Object.entries(administratorFunctions))('%s is the selector of %s', (selector, signature) => {
    expect(toFunctionSelector(`function ${signature}`)).toBe(`0x${selector}`);
  });
});

describe('compiled contracts', () => {
  it('that only call owner() or pause() have no administrator for that', () => {
    const code = compileSample();
    const answer = (name: string) => probeBytecode(parseBytecode(code.get(name)!));
    for (const name of ['AsksOwner', 'AsksToPause', 'FixedForwarder', 'LibraryUser']) {
      expect(answer(name).answer, name).toBe('no');
    }
    for (const name of ['OwnSlotProxy', 'StorageProxy']) {
      expect(answer(name).fact, name).toContain('slot of its own');
    }
  }, 60_000);

  it('show what Solidity makes of the names', () => {
    const { fact } = probeBytecode(parseBytecode(compileSample().get('Owned')!));
    expect(fact).toContain('owner(), transferOwnership(address)');
  }, 60_000);
});
