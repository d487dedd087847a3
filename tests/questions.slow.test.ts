import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerNeeds, answerQuestions } from '../scripts/answerQuestions.ts';
import { root } from './nonet.ts';

test('docs/questions.md is what the tool answers; `npm run questions` writes it anew', async () => {
  expect(await answerQuestions()).toBe(readFileSync(join(root, 'docs/questions.md'), 'utf8'));
}, 300_000);

test('docs/needs.md is what the tool answers', () => {
  expect(answerNeeds()).toBe(readFileSync(join(root, 'docs/needs.md'), 'utf8'));
});
