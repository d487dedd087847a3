import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compileContracts } from '../scripts/compileContracts.ts';

it('compiles the contracts to the committed artefacts, byte for byte', () => {
  for (const [file, text] of compileContracts(join(import.meta.dirname, '../contracts'), ['Nonet'])) {
    const committed = readFileSync(join(import.meta.dirname, '../src/artefacts', file), 'utf8');
    expect(text === committed, `${file}: run node packages/chain/scripts/compileContracts.ts`).toBe(true);
  }
});
