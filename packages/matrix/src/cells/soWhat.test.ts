import { describe, expect, it } from 'vitest';
import type { CellClaim } from './cell.ts';
import { cellSentence, matrixSentence, tallyClaims } from './soWhat.ts';

const claim = (project: string, low: number, high: number, ledger = true): CellClaim => ({
  project,
  cell: 'verifiability-security',
  quote: 'q',
  ledger,
  level: { low, high },
  verdict: 'under review',
});
const cell = (...claims: CellClaim[]) => ({ claims });

describe('the sentence of a cell', () => {
  it.each([
    [cell(), 'No project of the catalogue claims it.'],
    [cell(claim('A', 2, 4)), 'A shows it with a ledger, so that others can see that it holds.'],
    [
      cell(claim('A (a, b)', 2, 4), claim('A (a, b)', 1, 4), claim('B', 3, 3), claim('C', 2, 2)),
      'A, B and C show it with a ledger, so that others can see that it holds.',
    ],
    [
      cell(claim('A', 1, 4), claim('B', 0, 1), claim('C', 2, 4, false)),
      'No project shows it with a ledger yet: 1 may, 1 cannot; C shows it without one.',
    ],
    [
      cell(claim('A', 0, 1), claim('B', 1, 1)),
      '2 projects claim it with a ledger, and cannot by what they publish.',
    ],
    [cell(claim('A', 1, 4, false)), 'No project credits a ledger with it; 1 project pursues it without one.'],
  ])('%#', (state, sentence) => {
    expect(cellSentence(state)).toBe(sentence);
  });
});

it('counts a project once, at its best claim', () => {
  const { shown, open, refuted } = tallyClaims([claim('A', 0, 1), claim('A', 0, 4), claim('B', 1, 1)]);
  expect({ shown, open, refuted }).toEqual({ shown: [], open: ['A'], refuted: ['B'] });
});

it('counts the cells of the whole', () => {
  const cells = [cell(claim('A', 2, 4)), cell(claim('B', 1, 4)), cell()] as never;
  expect(matrixSentence({ cells })).toBe(
    'In 1 of 3 combinations of AI and ledger a project shows, to others than itself, that the ledger helps (A). In 1 it is claimed and the evidence decides nothing yet; in 1 no project has a case.',
  );
  expect(matrixSentence({ cells: [cell(claim('B', 1, 4))] as never })).toBe(
    'In none of 1 combinations does any project show that a ledger helps. In 1 it is claimed and the evidence decides nothing yet.',
  );
});
