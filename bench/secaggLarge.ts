/**
 * Pairwise secure aggregation with 200 participants, apart from the other sizes because it takes
 * minutes: 40,000 masks of 400 kB for the participants, then of 4 MB.
 */
import { measureRound } from './secagg.ts';
import { benchFigure, type Figure, type Suite } from './suite.ts';

export const suite: Suite = {
  name: 'secaggLarge',
  about: 'pairwise secure aggregation as in secagg, with 200 participants; takes minutes',
  cells: [],
  async run({ note }) {
    const figures: Record<string, Figure> = {};
    let isExact = true;
    for (const entries of [100_000, 1_000_000]) {
      note(`200 participants, ${entries.toLocaleString('en')} entries`);
      const measured = await measureRound(200, entries, 1);
      Object.assign(figures, measured.figures);
      isExact &&= measured.isExact;
    }
    return { exact: benchFigure(Number(isExact), ''), ...figures };
  },
};
