/** Figures have one vocabulary across the packages, and are read through it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FigureVocabulary, joinVocabularies } from '@nonet/core/records';
import { federationFigures } from '@nonet/federation/verify';
import { cellFigures } from '@nonet/matrix';
import { energyFigures } from '@nonet/matrix/energy';
import { proofFigures } from '@nonet/proof/zk/evidence';
import { describe, expect, it } from 'vitest';
import { vocabulary } from '../apps/cli/src/declarations.ts';

const root = join(import.meta.dirname, '..');
const declared: readonly FigureVocabulary[] = [federationFigures, proofFigures, cellFigures, energyFigures];

describe('the vocabulary of figures', () => {
  it('has every name once, whichever package declares it', () => {
    expect(vocabulary).toEqual(joinVocabularies(...declared));
  });

  it('knows every vocabulary that a package declares', () => {
    const files = globSync('{packages,apps}/*/src/**/*.{ts,tsx}', { cwd: root }).filter(
      (file) => !/\.test\.ts$|\/testing\//.test(file),
    );
    const declaring = files.filter((file) =>
      /^export const \w+ = declareFigures\(/m.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(declaring).toHaveLength(declared.length);
  });

  it.each(Object.values(vocabulary))('says of $name what it is', ({ unit, meaning, better, role }) => {
    expect(meaning).toMatch(/^[a-z].*[^.]$/);
    expect(['lower', 'higher', 'neither']).toContain(better);
    const units = {
      overhead: 'times',
      'time without': 'seconds',
      'time added': 'seconds',
      bytes: 'bytes',
      gas: 'gas',
      joules: 'joules',
      'accuracy lost': 'fraction',
      accuracy: 'fraction',
      parties: 'participants',
    };
    if (role !== undefined) expect(unit).toBe(units[role]);
  });

  it('is how figures are read: no file takes one out of a record by a string of its own', () => {
    const byName = [
      /\.figures[?!]?\.[a-z]\w*(?<!\.ts)\b(?!\()/,
      /\bfigures[?!]?(?:\.)?\[['"`]/,
      /\} = [\w.]*\bfigures;/,
      /\{ figures[^}]*\}.*\bfigures[?!]?\.[a-z]\w*\b(?!\()/,
    ];
    const offences = globSync('{packages,apps}/*/src/**/*.{ts,tsx}', { cwd: root })
      .filter((file) => !/\.test\.tsx?$|\/testing\//.test(file))
      .flatMap((file) =>
        readFileSync(join(root, file), 'utf8')
          .split('\n')
          .flatMap((line, i) =>
            byName.some((pattern) => pattern.test(line)) ? [`${file}:${i + 1} ${line.trim()}`] : [],
          ),
      );
    expect(offences).toEqual([]);
  });
});
