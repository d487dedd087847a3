import {
  type CellId,
  cellIds,
  createFigure,
  createFigures,
  declareFigures,
  type Evidence,
  qualifyFigure,
} from '@nonet/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CellClaim,
  type DeclaredMechanism,
  evaluateCell,
  type Recorded,
  type Situation,
} from './cell.ts';
import { cells } from './cells.ts';
import { cellFigures } from './figures.ts';
import { diffCells, gapsIn, matrixView, orderedTable } from './matrix.ts';
import { profiles } from './profiles.ts';
import {
  affordableOverhead,
  confidenceOf,
  monthsBetween,
  onScale,
  scoreFormula,
  scoreOf,
  scoreParts,
  thresholds,
  wordOf,
  wordsOf,
} from './score.ts';
import { sensitivitySentence } from './sensitivity.ts';
import { statements, statementsAgainst } from './statements.ts';

const vocabulary = declareFigures({
  training: { unit: 'seconds', meaning: 'the work', better: 'lower', role: 'time without' },
  waiting: { unit: 'seconds', meaning: 'for the ledger', better: 'lower', role: 'time added' },
  stepping: { unit: 'seconds', meaning: 'of the ledger', better: 'lower', role: 'time added' },
  factor: { unit: 'times', meaning: 'how much slower', better: 'lower', role: 'overhead' },
  joined: { unit: 'sites', meaning: 'who took part', better: 'higher', role: 'parties' },
});
const overheadOf = (mechanism: string) => qualifyFigure(cellFigures.overhead, mechanism);

const average: DeclaredMechanism = {
  id: 'federation.average',
  cells: ['verifiability-decentralisation'],
  protects: 'the average',
  against: 'an aggregator',
  assumptions: [],
};
const rounds: DeclaredMechanism = {
  ...average,
  id: 'federation.rounds',
  cells: ['performance-decentralisation', 'verifiability-decentralisation'],
};

function record(date: string, fields: Partial<Evidence> = {}): Evidence {
  return {
    kind: 'measurement',
    grade: 4,
    sentence: `measured on ${date}`,
    cells: ['verifiability-decentralisation'],
    mechanism: 'federation.average',
    origin: { type: 'run', run: 'r', by: `0x${'11'.repeat(20)}`, machine: 'm', commit: 'c' },
    figures: createFigures([[vocabulary.joined, 3]]),
    check: { how: 'none', because: 'an example' },
    date,
    ...fields,
  } as Evidence;
}

const recorded = (...evidence: readonly Evidence[]): Recorded[] =>
  evidence.map((each) => ({ evidence: each, workload: { kind: 'train', parameters: 50_000 } }));

const situation: Situation = {
  workload: { kind: 'train', parameters: 50_000 },
  adversary: 'operator',
  mechanisms: [average, rounds],
  vocabulary,
  date: '2026-03-01T00:00:00Z',
  records: [],
  claims: [],
};
const id: CellId = 'verifiability-decentralisation';
const evaluate = (changes: Partial<Situation> = {}, cell: CellId = id) =>
  evaluateCell(cell, { ...situation, ...changes });

describe('the nine cells', () => {
  it('are exactly the cells of the records, in their order, ranked 1 to 9 with the words in descending order', () => {
    expect(cells.map((cell) => cell.id)).toEqual(cellIds);
    const byRank = cells.toSorted((a, b) => a.rank - b.rank);
    expect(byRank.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const order = ['strong', 'medium', 'weak'];
    const places = byRank.map(({ baseline }) => order.indexOf(baseline));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('are each served by a mechanism that exists or is known', () => {
    const served = new Set(profiles.flatMap(({ serves }) => serves.map(({ cell }) => cell)));
    expect([...served].sort()).toEqual([...cellIds].sort());
  });

  it('say that nothing was measured where nothing was, and give no score', () => {
    for (const state of matrixView(situation).cells) {
      expect(state.measured).toBeUndefined();
      expect(state.evidence).toEqual([]);
      expect(state.ageMonths).toBeUndefined();
    }
  });
});

describe('evidence', () => {
  const older = record('2026-01-01T00:00:00Z');
  const newer = record('2026-02-01T00:00:00Z');

  it('is taken by cell, newest first, and gives a score to the mechanism that it names', () => {
    const state = evaluate({ records: recorded(older, newer) });
    expect(state.evidence).toEqual([newer, older]);
    expect(state.measured?.by).toBe('federation.average');
    expect(state.ageMonths).toBeCloseTo(28 / 30.4375, 5);
    expect(evaluate({ records: recorded(older) }, 'privacy-security').evidence).toEqual([]);
  });

  it('is not taken from an assumption, from later than the date, or when it has expired', () => {
    const { grade: _, ...base } = newer as Evidence & { grade: number };
    const assumption = { ...base, kind: 'assumption', whom: 'somebody', breaks: 'something' } as Evidence;
    const later = record('2026-03-02T00:00:00Z');
    const expired = record('2026-01-01T00:00:00Z', { expires: '2026-02-01T00:00:00Z' });
    const state = evaluate({ records: recorded(assumption, later, expired) });
    expect(state.evidence).toEqual([]);
    expect(state.measured).toBeUndefined();
  });

  it('makes no score for a mechanism that is not built here, or does not help in this situation', () => {
    const records = recorded(newer);
    expect(evaluate({ records, mechanisms: [rounds] }).measured).toBeUndefined();
    expect(evaluate({ records, adversary: 'outsider' }).measured).toBeUndefined();
    expect(evaluate({ records, workload: { kind: 'infer' } }).measured).toBeUndefined();
    const state = evaluate({ records, adversary: 'outsider' });
    expect(state.mechanisms.find(({ profile }) => profile.id === 'federation.average')?.applies).toBe(
      'it helps against operator, not against outsider',
    );
  });

  it('gives the score of the printed formula: overhead 10, trust in a watcher, size 100 times as large as shown', () => {
    const fresh = record(situation.date, {
      figures: createFigures([[overheadOf('federation.average'), 10]]),
    });
    const state = evaluate({
      records: recorded(fresh),
      workload: { kind: 'train', parameters: 5_000_000 },
    });
    // 1 - (1/2 * 1/6 + 1/4 * 1/4 + 1/4 * 2/6)
    const { parts } = state.mechanisms.find(({ profile }) => profile.id === 'federation.average')!;
    expect(scoreOf(parts).low).toBeCloseTo(1 - 1 / 12 - 1 / 16 - 1 / 12, 12);
    expect(scoreOf(parts).high).toBeCloseTo(scoreOf(parts).low, 12);
    expect(scoreFormula).toContain('1/2 overhead + 1/4 trust + 1/4 gap');
  });

  it('reads overhead from the time that a record says a mechanism added, and the weak cell comes out weak', () => {
    const costs = record(situation.date, {
      cells: ['performance-decentralisation'],
      mechanism: 'federation.rounds',
      figures: createFigures([
        [vocabulary.training, 10],
        [vocabulary.waiting, 6],
        [vocabulary.stepping, 4],
      ]),
    });
    const state = evaluate({ records: recorded(costs) }, 'performance-decentralisation');
    const own = state.mechanisms.find(({ profile }) => profile.id === 'federation.rounds')!;
    // 20 s for 10 s of training; one run, so half of the rest or twice.
    expect(own.parts.overhead.low).toBeCloseTo(Math.log10(1.5) / 6, 12);
    expect(own.parts.overhead.high).toBeCloseTo(Math.log10(3) / 6, 12);
    expect(state.measured?.words).toBe('weak');
    // The record is about the ledger, and says nothing of the average.
    const elsewhere = evaluate({ records: recorded({ ...costs, cells: [id] }) });
    const other = elsewhere.mechanisms.find(({ profile }) => profile.id === 'federation.average')!;
    expect(other.confidence).toBeUndefined();
  });

  it('reads overhead where a record says it outright, and none where no time was added or spent', () => {
    const readings = (figures: Evidence['figures']) => {
      const records = recorded(record(situation.date, { figures }));
      const [own] = evaluate({ records }).mechanisms;
      return own!.parts.overhead;
    };
    expect(readings(createFigures([[vocabulary.factor, [2, 4, 8]]])).high).toBeCloseTo(Math.log10(8) / 6, 12);
    for (const [training, waiting] of [
      [0, 5],
      [5, 0],
    ] as const) {
      const figures = createFigures([
        [vocabulary.training, training],
        [vocabulary.waiting, waiting],
      ]);
      expect(readings(figures)).toEqual({ low: 0, high: 1 });
    }
  });

  it('widens with age towards what could be said without it', () => {
    const widths = ['2026-03-01', '2026-09-01', '2028-03-01', '2036-03-01'].map((day) => {
      const { score } = evaluate({
        records: recorded(
          record('2026-03-01T00:00:00Z', {
            figures: createFigures([[overheadOf('federation.average'), 2]]),
          }),
        ),
        date: `${day}T00:00:00Z`,
      }).measured!;
      return score.high - score.low;
    });
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect(widths[0]).toBeCloseTo(0, 12);
    // From nothing to the ceiling of one runner's word.
    expect(widths.at(-1)).toBeCloseTo(0.5 - 0.19, 2);
  });

  it('looks at what the cell is about where no workload is named', () => {
    const [proven] = evaluate({ workload: {} }, 'verifiability-security').mechanisms;
    expect(proven?.applies).toBe(true);
    expect(evaluate({ workload: {} }).mechanisms.some(({ applies }) => applies === true)).toBe(true);
  });

  it('leaves the size open where no record tells it', () => {
    const score = evaluate({ records: [{ evidence: newer }] }).mechanisms.find(
      ({ profile }) => profile.id === 'federation.average',
    )!.parts.gap;
    expect(score).toEqual({ low: 0, high: 1 });
  });
});

describe('what was shown', () => {
  const measured = record(situation.date, {
    figures: createFigures([
      [overheadOf('federation.average'), 2],
      [qualifyFigure(cellFigures.attacks, 'federation.average'), 1],
    ]),
  });
  const withAll: Recorded = {
    evidence: measured,
    workload: { kind: 'train', parameters: 50_000 },
    independent: { parties: true, ledger: true },
  };
  const measure = (records: readonly Recorded[], changes: Partial<Situation> = {}) =>
    evaluate({ records, ...changes }).measured!;

  it('caps the score: a toy run cannot be strong, whatever its figures', () => {
    const toy = measure(recorded(measured));
    expect(toy.words).not.toContain('strong');
    expect(toy.ceiling.value).toBeCloseTo(0.5, 12);
    expect(toy.ceiling.because).toContain('one runner’s word');
    // The very run that used to be called strong: three parties of one runner, asked for a frontier.
    const far = measure(recorded(measured), { workload: { kind: 'train', parameters: 1e12, parties: 1e6 } });
    expect(far.words).toBe('weak');
    expect(far.score.high).toBeLessThanOrEqual(0.25);
  });

  it('rises with independent parties, a ledger of others and an adversary who tried, and needs all', () => {
    expect(measure([withAll]).words).toBe('strong');
    for (const independent of [{ parties: true }, { ledger: true }, {}]) {
      expect(measure([{ ...withAll, independent }]).ceiling.value).toBeCloseTo(0.5, 12);
    }
    const untried = { ...measured, figures: createFigures([[overheadOf('federation.average'), 2]]) };
    const { ceiling } = measure([{ ...withAll, evidence: untried }]);
    expect(ceiling.value).toBeCloseTo(0.75, 12);
    expect(ceiling.because).toBe('no adversary tried');
  });

  it('counts against the size that is wanted', () => {
    const values = [5e4, 5e6, 5e8, 5e10].map(
      (parameters) => measure([withAll], { workload: { kind: 'train', parameters } }).ceiling.value,
    );
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(new Set(values).size).toBe(4);
  });

  it('is capped by the level that the rubric for all projects gives to our own claims', () => {
    const own = (high: number, mine = true): CellClaim => ({
      project: 'p',
      own: mine,
      cell: id,
      quote: 'q',
      ledger: true,
      level: { low: 0, high },
      verdict: 'under review',
    });
    const at = measure([withAll], { claims: [own(1)] });
    expect(at.score.high).toBeCloseTo(0.25, 12);
    expect(at.words).toBe('weak');
    expect(at.ceiling.because).toContain('level 1 of 4');
    expect(measure([withAll], { claims: [own(1), own(4)] }).words).toBe('strong');
    expect(measure([withAll], { claims: [own(1, false)] }).words).toBe('strong');
  });

  it('says how much the score depends on opinions', () => {
    const { sensitivity, score } = measure([withAll]);
    expect(sensitivity.range.low).toBeLessThanOrEqual(score.low);
    expect(sensitivity.range.high).toBeGreaterThanOrEqual(score.high);
    const toy = measure(recorded(measured)).sensitivity;
    expect(toy.turns).toContain('no ceiling by what was shown');
    expect(sensitivitySentence(toy)).toContain('the word changes if');
    expect(toy.tried).toBeGreaterThanOrEqual(9);
  });

  it('of the project itself stands beside what was measured here, with machine and command', () => {
    const shipped = {
      ...measured,
      check: { how: 'command', command: 'npm start' } as const,
    };
    const state = evaluate({ shipped: recorded(shipped) });
    expect(state.measured).toBeUndefined();
    expect(state.evidence).toEqual([]);
    expect(state.shipped).toMatchObject({ machine: 'm', command: 'npm start', by: 'federation.average' });
  });
});

describe('the five statements of the original analysis', () => {
  const claim = (cell: CellId, low: number, high: number, ledger = true): CellClaim => ({
    project: 'p',
    cell,
    quote: 'q',
    ledger,
    level: { low, high },
    verdict: 'v',
  });
  const standing = (cell: CellId, claims: readonly CellClaim[]) =>
    statementsAgainst(matrixView({ ...situation, claims }).cells).find((each) => each.cell === cell)!;

  it('are quoted, of five cells', () => {
    expect(new Set(statements.map(({ cell }) => cell)).size).toBe(5);
    for (const { quote } of statements) expect(quote.length).toBeGreaterThan(20);
    expect(statements.map(({ says }) => says).sort()).toEqual([
      'medium',
      'strong',
      'strong',
      'strong',
      'weak',
    ]);
  });

  it('are for, against or open by what is measured and shown', () => {
    const cell = 'privacy-decentralisation';
    expect(standing(cell, [claim(cell, 2, 4)]).standing).toBe('for');
    expect(standing(cell, [claim(cell, 0, 1), claim(cell, 2, 4, false)]).standing).toBe('against');
    expect(standing(cell, [claim(cell, 0, 4)]).standing).toBe('open');
    expect(standing('performance-decentralisation', []).standing).toBe('open');
  });

  it('count the weak cell for the statement where it is measured weak', () => {
    const costs = record(situation.date, {
      cells: ['performance-decentralisation'],
      mechanism: 'federation.rounds',
    });
    const { cells: states } = matrixView({ ...situation, records: recorded(costs) });
    const weak = statementsAgainst(states).find((each) => each.cell === 'performance-decentralisation')!;
    expect([weak.measured, weak.standing]).toEqual(['weak', 'for']);
  });
});

const dates = fc.integer({ min: 0, max: 700 }).map((day) => new Date(1.7e12 + day * 864e5).toISOString());
const records = fc.array(
  fc
    .record({
      date: dates,
      grade: fc.constantFrom(0, 1, 2, 3, 4),
      overhead: fc.option(fc.double({ min: 1, max: 1e6, noNaN: true })),
      mechanism: fc.constantFrom('federation.average', 'federation.rounds'),
    })
    .map(({ date, grade, overhead, mechanism }): Recorded => {
      const figures = overhead === null ? {} : createFigures([[overheadOf(mechanism), overhead]]);
      return {
        evidence: record(date, { grade, mechanism, figures } as Partial<Evidence>),
        workload: { kind: 'train', parameters: 50_000 },
      };
    }),
  { minLength: 1, maxLength: 8 },
);

describe('properties', () => {
  it('recomputation gives the same bytes, in whatever order the records come', () => {
    fc.assert(
      fc.property(records, (all) => {
        const bytes = (list: readonly Recorded[]) =>
          JSON.stringify(matrixView({ ...situation, records: list }));
        expect(bytes(all.toReversed())).toBe(bytes(all));
      }),
    );
  });

  it('supporting evidence, a record that says nothing worse than what is known, never lowers a lower bound', () => {
    fc.assert(
      fc.property(
        records,
        fc.nat(),
        dates,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, pick, date, share) => {
          const like = all[pick % all.length]!.evidence;
          const figures = Object.fromEntries(
            Object.entries(like.figures).map(([name, { value }]) => [
              name,
              createFigure({ name, unit: 'times' }, 1 + share * (value - 1)),
            ]),
          );
          const supporting = {
            evidence: { ...like, date, figures, sentence: 'once more' },
            workload: all[0]!.workload!,
          };
          const low = (list: readonly Recorded[]) => evaluate({ records: list }).measured?.score.low ?? -1;
          expect(low([...all, supporting])).toBeGreaterThanOrEqual(low(all) - 1e-12);
        },
      ),
    );
  });

  it('hearsay about speed gains nothing from a good record of something else', () => {
    const hearsay = record('2016-01-01T00:00:00Z', {
      grade: 0,
      figures: { 'overhead.federation.average': { value: 1, unit: 'times', min: 1, max: 1, n: 1 } },
    } as Partial<Evidence>);
    const good = record('2026-02-28T00:00:00Z', { grade: 4, figures: {} } as Partial<Evidence>);
    expect(evaluate({ records: recorded(hearsay, good) }).measured?.score).toEqual(
      evaluate({ records: recorded(good) }).measured?.score,
    );
  });

  it('does not depend on the names of projects: only on their levels', () => {
    const claim = (project: string): CellClaim => ({
      project,
      cell: id,
      quote: 'we are verifiable',
      ledger: true,
      level: { low: 1, high: 3 },
      verdict: 'under review',
    });
    const gaps = (name: string) => gapsIn(matrixView({ ...situation, claims: [claim(name)] }));
    expect(gaps('a')).toEqual(gaps('z'));
    expect(gaps('a').find(({ cell }) => cell === id)).toEqual({ cell: id, best: 1, undecided: 1 });
  });
});

describe('views', () => {
  it('the table is ordered by the editor from strong to weak', () => {
    const order = orderedTable(matrixView(situation)).map(({ cell }) => cell.id);
    expect(order[0]).toBe('verifiability-security');
    expect(order.at(-1)).toBe('performance-decentralisation');
  });

  it('a cell is no gap once one project reaches level 2', () => {
    const claims: CellClaim[] = [
      { project: 'p', cell: id, quote: 'q', ledger: true, level: { low: 2, high: 2 }, verdict: 'impact' },
    ];
    const gaps = gapsIn(matrixView({ ...situation, claims }));
    expect(gaps).toHaveLength(8);
    expect(gaps.map(({ cell }) => cell)).not.toContain(id);
    expect(gaps[0]).toEqual({ cell: 'verifiability-security', undecided: 0 });
    // A tool without a ledger shows nothing of AI and ledger together.
    const tool = claims.map((claim) => ({ ...claim, ledger: false }));
    expect(gapsIn(matrixView({ ...situation, claims: tool })).find(({ cell }) => cell === id)).toEqual({
      cell: id,
      undecided: 0,
    });
  });

  it('what changed: a first record gives a score and a word, an expired one takes them away, and nothing is nothing', () => {
    const view = (changes: Partial<Situation>) => matrixView({ ...situation, ...changes });
    const expiring = recorded(record('2026-01-01T00:00:00Z', { expires: '2026-02-01T00:00:00Z' }));
    const before = view({ date: '2025-12-01T00:00:00Z', records: expiring });
    const during = view({ date: '2026-01-02T00:00:00Z', records: expiring });
    const after = view({ records: expiring });
    const [gained] = diffCells(before, during);
    expect(gained?.cell).toBe(id);
    expect(gained?.score?.before).toBeUndefined();
    expect(gained?.words?.after).toBe(during.cells.find(({ cell }) => cell.id === id)?.measured?.words);
    expect(gained?.newRecords).toEqual(['measured on 2026-01-01T00:00:00Z (2026-01-01)']);
    expect(diffCells(during, after)[0]?.lostRecords).toHaveLength(1);
    expect(diffCells(before, after)).toEqual([]);
  });
});

describe('the scale', () => {
  it('has a word for every score, and two for an interval that crosses a threshold', () => {
    expect([0, 0.29, 0.3, 0.59, 0.6, 1].map(wordOf)).toEqual([
      'weak',
      'weak',
      'medium',
      'medium',
      'strong',
      'strong',
    ]);
    expect(wordsOf({ low: 0.1, high: 0.7 })).toBe('weak to strong');
    expect(wordsOf({ low: thresholds.strong, high: 1 })).toBe('strong');
  });

  it('is logarithmic over six orders of magnitude', () => {
    expect(onScale({ low: 1, high: 1e3 })).toEqual({ low: 0, high: 0.5 });
    expect(onScale({ low: 0.1, high: 1e9 })).toEqual({ low: 0, high: 1 });
  });

  it('turned round, says what overhead a score can bear: to the very threshold', () => {
    const parts = scoreParts('shown', 'one honest watcher', undefined, { low: 1, high: 1 });
    const factor = affordableOverhead(parts, thresholds.strong)!;
    // 1 - 1/4 * 1/4 - 0.6 = 0.3375, on a scale of half the score.
    expect(Math.log10(factor)).toBeCloseTo(6 * 0.675, 10);
    const at = { ...parts, overhead: onScale({ low: factor, high: factor }) };
    expect(scoreOf(at).low).toBeCloseTo(thresholds.strong, 10);
    expect(affordableOverhead({ ...parts, gap: { low: 0, high: 1 } }, thresholds.strong)).toBeGreaterThan(1);
    expect(
      affordableOverhead(scoreParts('refuted', 'nobody', undefined, undefined), thresholds.strong),
    ).toBeUndefined();
    expect(affordableOverhead(scoreParts('shown', 'nobody', undefined, { low: 1, high: 1 }), 0)).toBe(1e6);
  });

  it('halves confidence with each half-life, and counts months of 30.44 days', () => {
    expect(confidenceOf(4, 0, 12)).toBe(1);
    expect(confidenceOf(4, 12, 12)).toBe(0.5);
    expect(confidenceOf(2, 6, 6)).toBe(0.25);
    expect(monthsBetween('2025-01-01T00:00:00Z', '2026-01-01T06:00:00Z')).toBeCloseTo(12, 10);
    expect(monthsBetween('2026-01-01T00:00:00Z', '2025-01-01T00:00:00Z')).toBe(0);
  });
});
