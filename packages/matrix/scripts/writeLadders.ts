/**
 * Makes docs/ladders.md, the public text of ladders and hype tests, from the code that applies
 * them: `node packages/matrix/scripts/writeLadders.ts`; a test compares.
 */
import { writeFileSync } from 'node:fs';
import { ledgerProperties, wishes } from '@nonet/core/records';
import { minimumGrade } from '../src/evaluation/grades.ts';
import { type HypeTest, hypeTests } from '../src/evaluation/hypeTests.ts';
import { ladderOf, ladderVersion } from '../src/evaluation/ladders.ts';

function effectText({ effect }: HypeTest): string {
  switch (effect.type) {
    case 'fatal':
      return effect.for === undefined ? 'refutes the claim' : `refutes claims of ${effect.for}`;
    case 'cap':
      return effect.attribute === undefined
        ? 'the cell stays at level 1'
        : `${effect.attribute} stays at level 1`;
    case 'overclaim':
      return 'more is claimed than shown';
    case 'question':
      return 'asks for evidence on items';
  }
}

/** The text of docs/ladders.md. */
export function laddersText(): string {
  const ladders = [...wishes, ...ledgerProperties].flatMap((attribute) => [
    `## ${attribute[0]!.toUpperCase()}${attribute.slice(1)}`,
    '',
    ...ladderOf(attribute).map(
      ({ id, level, text, shownBy, effort }) =>
        `- **${level}** \`${id}\` ${text} _To show it: ${shownBy} (${effort}; grade ${minimumGrade(level)} or better)._`,
    ),
    '',
  ]);
  const tests = hypeTests.map(
    (test) =>
      `- \`${test.id}\` **${test.text}.** ${test.procedure[0]!.toUpperCase()}${test.procedure.slice(1)}. Confirmed if ${test.confirmedWhen}: ${effectText(test)}.`,
  );
  return [
    '# Ladders and hype tests',
    '',
    `Version ${ladderVersion}. Made from the code by \`node packages/matrix/scripts/writeLadders.ts\`; how they are used: [evaluation.md](evaluation.md). A level needs all of its items and those below.`,
    '',
    ...ladders,
    '## Hype tests',
    '',
    'Confirmed by evidence of grade 2 or better, never by silence.',
    '',
    ...tests,
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(new URL('../../../docs/ladders.md', import.meta.url), laddersText());
