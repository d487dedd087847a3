import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { incidents, leads, probeSample, projects } from '../data/projects/index.ts';
import { type BacktestCase, runBacktest, wilson } from '../src/evaluation/index.ts';

describe('the back-test', () => {
  const { cases, counts, flagged, flaggedOrWarned } = runBacktest(incidents, projects);

  it('runs all 19 incidents and counts its misses', () => {
    expect(cases).toHaveLength(19);
    expect(counts).toEqual({ flagged: 3, warned: 6, missed: 5, outside: 5 });
    expect([flagged.hits, flagged.of]).toEqual([3, 14]);
    expect(flaggedOrWarned.hits).toBe(9);
  });

  it('flags by no fact that the file of the same project contradicts', () => {
    const memory = cases.filter(({ case: { file } }) => file === 'dstack');
    expect(memory.map(({ outcome }) => outcome)).toEqual(['warned', 'warned']);
    const alone = runBacktest(
      memory.map((each) => each.case),
      [],
    );
    expect(alone.counts.flagged).toBe(2);
  });

  it('names files of the catalogue that there are', () => {
    const ids = new Set(projects.map(({ id }) => id));
    for (const { file } of incidents) if (file !== undefined) expect(ids).toContain(file);
  });

  it('uses no evidence from after the incident', () => {
    const late: BacktestCase = {
      ...incidents[0]!,
      warning: { ...incidents[0]!.warning!, published: incidents[0]!.date },
    };
    expect(runBacktest([late], projects).counts.missed).toBe(1);
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
    const { counts } = runBacktest(incidents, projects);
    expect(text).toContain(
      `${incidents.length} incidents ${incidents.length - counts.outside} are about what the ladders cover`,
    );
    expect(text).toContain(`${counts.flagged} are flagged, ${counts.warned} have evidence`);
    expect(text).toContain(`${counts.missed} are missed`);
    expect(text).toContain(`${probeSample.length} labelled cases`);
    expect(text).toContain(`Leads (${leads.length} projects`);
  });
});
