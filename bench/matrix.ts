/** What the matrix promises of its answers: advice for everybody. Nothing here is a time. */
import { measureAdvice } from './advice.ts';
import type { Suite } from './suite.ts';

export const suite: Suite = {
  name: 'matrix',
  about: 'whether advice answers the needs of docs/needs, and never more loosely when they are stricter',
  cells: [],
  async run({ note }) {
    note('10,000 random needs, and what must hold of their answers');
    return measureAdvice();
  },
};
