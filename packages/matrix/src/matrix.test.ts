import type { Evidence, Mechanism } from '@nonet/core/records';
import { cellIds, createFigure } from '@nonet/core/records';
import { describe, expect, it } from 'vitest';
import { cells } from './cells.ts';
import { fillMatrix } from './matrix.ts';

const mechanism: Mechanism<unknown> = {
  id: 'example',
  cells: ['privacy-security'],
  protects: 'an input',
  against: 'a server',
  assumptions: [],
  parse: (parameters) => parameters,
  predict: () => ({}),
};

function record(date: string, fields: Partial<Evidence> = {}): Evidence {
  return {
    kind: 'measurement',
    grade: 4,
    sentence: `measured on ${date}`,
    cells: ['privacy-security'],
    origin: { type: 'run', run: 'r', by: `0x${'11'.repeat(20)}`, machine: 'm', commit: 'c' },
    figures: { seconds: createFigure(1, 's') },
    check: { how: 'none', because: 'an example' },
    date,
    ...fields,
  } as Evidence;
}

describe('the nine cells', () => {
  it('are exactly the cells of the records, in their order', () => {
    expect(cells.map((cell) => cell.id)).toEqual(cellIds);
  });

  it('are empty without evidence', () => {
    for (const cell of fillMatrix([], [])) {
      expect(cell.mechanisms).toEqual([]);
      expect(cell.evidence).toEqual([]);
    }
  });

  it('take mechanisms and evidence by cell, newest first', () => {
    const older = record('2026-01-01T00:00:00Z');
    const newer = record('2026-02-01T00:00:00Z');
    const filled = fillMatrix([mechanism], [older, newer]);
    const cell = filled.find(({ id }) => id === 'privacy-security');
    expect(cell?.mechanisms).toEqual([mechanism]);
    expect(cell?.evidence).toEqual([newer, older]);
    expect(filled.filter(({ evidence }) => evidence.length > 0)).toHaveLength(1);
  });

  it('take no support from an assumption', () => {
    const { grade: _, ...base } = record('2026-01-01T00:00:00Z') as Evidence & { grade: number };
    const assumption = { ...base, kind: 'assumption', whom: 'somebody', breaks: 'something' } as Evidence;
    expect(fillMatrix([mechanism], [assumption]).every(({ evidence }) => evidence.length === 0)).toBe(true);
  });
});
