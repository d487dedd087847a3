import type { Advice } from '@nonet/matrix/advice';
import { expect, test } from 'vitest';
import { withoutColour } from '../../terminal/terminal.ts';
import { renderAdvice } from './adviceText.ts';

const seconds = { low: 10, high: 20, unit: 'seconds', basis: 'measured', how: 'a run here' };
const way = {
  name: 'Averages',
  by: 'Nonet',
  mechanisms: ['a', 'b'],
  offers: [],
  together: false,
  prediction: {},
  costs: [],
  extrapolations: [],
  assumptions: [],
  beyond: [],
};
const offer = {
  name: 'Offer',
  says: 'it does',
  source: 'their page',
  pin: 'date 2026-01-01',
  date: '2026-01-01',
};

function shown(more: object): string {
  const advice = {
    answer: 'Do it.',
    reasons: [],
    warnings: [],
    recommended: [],
    nearest: undefined,
    lighter: [],
    rejected: [],
    ...more,
  };
  return withoutColour(renderAdvice(advice as unknown as Advice));
}

test('of what runs here every quantity is told, of others those that are known', () => {
  const ours = shown({ recommended: [{ ...way, prediction: { seconds } }] });
  expect(ours).toContain('\nAverages (Nonet: a, b)\n  it will take\n');
  expect(ours).toMatch(/10.*20.* +measured: a run here/);
  expect(ours.match(/no measurement yet/g)!.length).toBeGreaterThan(2);
  const theirs = shown({ recommended: [{ ...way, by: 'another', prediction: { seconds } }] });
  expect(theirs).toContain('\nAverages (not ours)\n');
  expect(theirs).toContain('measured: a run here');
  expect(theirs).not.toContain('no measurement yet');
  expect(shown({ recommended: [{ ...way, by: 'another' }] })).not.toContain('it will take');
});

test('several ways are numbered, one is not', () => {
  const two = shown({ recommended: [way, { ...way, name: 'Other' }] });
  expect(two).toContain('\n1 Averages (');
  expect(two).toContain('\n2 Other (');
  expect(shown({ recommended: [way] })).toContain('\n\nAverages (');
});

test('where no way meets the needs, the nearest is shown, and what stands against the others', () => {
  const rejected = [{ name: 'Third', because: ['it is slow', 'it is new'] }];
  const nearest = shown({ nearest: { ...way, name: 'Nearest' }, recommended: [way], rejected });
  expect(nearest).toContain('\n\nNearest (');
  expect(nearest).not.toContain('Averages');
  expect(nearest).toContain(
    '\nWhat stands against each of the others\n  Third\n    it is slow\n    it is new',
  );
  expect(shown({ rejected })).toContain('\nWhy not the others\n  Third\n');
});

test('reasons, warnings, offers, prices, assumptions and what is beyond the needs are lines of their own', () => {
  const text = shown({
    reasons: ['because'],
    warnings: ['mind'],
    recommended: [
      {
        ...way,
        offers: [offer],
        costs: ['1 euro'],
        extrapolations: ['more sites'],
        assumptions: ['it is so'],
        beyond: ['proofs', 'speed'],
      },
    ],
  });
  expect(text).toMatch(/^Do it\.\n {2}because\n {2}! mind\n\nAverages/);
  for (const lines of [
    '  to be had as\n    · Offer: it does (their page, date 2026-01-01, 2026-01-01)\n',
    '  its price, by its source\n    · 1 euro\n',
    '  beyond what was shown\n    · more sites\n',
    '  you have to believe that\n    · it is so\n',
    '  beyond what you need: proofs; speed\n',
  ]) {
    expect(text).toContain(lines);
  }
  const bare = shown({ recommended: [way] });
  expect(bare).not.toMatch(/to be had|its price|beyond|you have to believe/);
  expect(shown({ recommended: [{ ...way, offers: [offer], together: true }] })).toContain(
    'to be had from these parts together',
  );
});

test('lighter ways say what they lack', () => {
  const lighter = [
    { name: 'Less', offers: [offer, offer], lacks: 'proofs' },
    { name: 'Least', offers: [], lacks: 'speed' },
  ];
  expect(shown({ lighter })).toContain(
    '\nIf you can do with less\n  Less (Offer, Offer): without "proofs"\n  Least: without "speed"\n',
  );
  expect(shown({})).not.toContain('If you can do with less');
});
