import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { incidents, leads, probeSample } from '../data/projects/index.ts';
import { type BacktestCase, runBacktest, wilson } from '../src/evaluation/index.ts';

describe('the back-test', () => {
  const { cases, counts, flagged, flaggedOrWarned } = runBacktest(incidents);

  it('runs all 19 incidents and counts its misses', () => {
    expect(cases).toHaveLength(19);
    expect(counts).toEqual({ flagged: 7, warned: 2, missed: 5, outside: 5 });
    expect([flagged.hits, flagged.of]).toEqual([7, 14]);
    expect(flagged.low).toBeCloseTo(0.268, 3);
    expect(flagged.high).toBeCloseTo(0.732, 3);
    expect(flaggedOrWarned.hits).toBe(9);
  });

  it('uses no evidence from after the incident', () => {
    const late: BacktestCase = {
      ...incidents[0]!,
      warning: { ...incidents[0]!.warning!, published: incidents[0]!.date },
    };
    expect(runBacktest([late]).counts.missed).toBe(1);
    for (const { date, warning } of incidents)
      if (warning !== undefined) expect(warning.published < date).toBe(true);
  });

  it('gives a reason for each case, and pins what it calls inspectable', () => {
    for (const { because, warning, outside } of incidents) {
      expect(because).not.toBe('');
      expect(warning === undefined || outside === undefined).toBe(true);
      if (warning !== undefined && warning.grade >= 2) expect(warning.pin).not.toHaveProperty('date');
    }
  });
});

describe("Wilson's interval", () => {
  // For none of n the closed form is z^2 / (n + z^2); the others by R's prop.test(hits, of, correct
  // = FALSE).
  it.each([
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [5, 10, 0.2366, 0.7634],
    [1, 20, 0.0089, 0.2361],
  ])('of %i in %i', (hits, of, low, high) => {
    const share = wilson(hits, of);
    expect(share.low).toBeCloseTo(low, 4);
    expect(share.high).toBeCloseTo(high, 4);
  });

  it('knows nothing without cases', () => {
    expect(wilson(0, 0)).toEqual({ hits: 0, of: 0, low: 0, high: 1 });
  });
});

describe('docs/evaluation.md', () => {
  it('quotes what is computed', () => {
    const text = readFileSync(new URL('../../../docs/evaluation.md', import.meta.url), 'utf8').replaceAll(
      /\s+/g,
      ' ',
    );
    const { counts } = runBacktest(incidents);
    expect(text).toContain(
      `${incidents.length} incidents ${incidents.length - counts.outside} are about what the ladders cover`,
    );
    expect(text).toContain(`${counts.flagged} are flagged, ${counts.warned} have evidence`);
    expect(text).toContain(`${counts.missed} are missed`);
    expect(text).toContain(`${probeSample.length} labelled cases`);
    expect(text).toContain(`Leads (${leads.length} projects`);
  });
});
