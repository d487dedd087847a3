/**
 * Whether advice has an answer for everybody, and never a looser one for a stricter need. The needs
 * are those of docs/needs/; the random ones are seeded. Part of the suite `matrix`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { federationMechanisms } from '@nonet/federation';
import { advise, needsSchema, parseNeeds } from '@nonet/matrix/advice';
import fc from 'fast-check';
import { parseYaml } from '../apps/cli/src/files/yaml.ts';
import { adviceViolations, randomNeeds } from '../packages/matrix/src/testing/randomNeeds.ts';
import { benchFigure, type Figure } from './suite.ts';

const needsFolder = join(import.meta.dirname, '../docs/needs');
const randomRuns = 10_000;
const seed = 1;

/**
 * `advise.answered`: the fraction of the needs that something of others or of Nonet meets in full;
 * `advise.monotone`: random needs for which a stricter one got a looser answer, fewer owners less
 * protection, or a figure passed a limit.
 */
export function measureAdvice(): Record<string, Figure> {
  const context = { available: federationMechanisms.map(({ id }) => id), runs: [] };
  const files = readdirSync(needsFolder);
  const answered = files.filter((file) => {
    const text = readFileSync(join(needsFolder, file), 'utf8');
    const needs = parseNeeds(parseYaml(needsSchema, text, file, 'needs'));
    return advise(needs, context).recommended.length > 0;
  });
  const violating = fc
    .sample(randomNeeds, { numRuns: randomRuns, seed })
    .filter((needs) => adviceViolations(needs, context).length > 0);
  return {
    'advise.answered': benchFigure(answered.length / files.length, 'fraction'),
    'advise.monotone': benchFigure(violating.length, 'violations'),
  };
}
