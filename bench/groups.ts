/**
 * Groups under masks (docs/specs/groups.md): what they cost in privacy and noise, how likely they are
 * overrun, and how far poisoned updates move the average with and without them. 50 members send
 * vectors of 20,000 entries, uniform within a tenth of the clamp; the dirty ones send the clamp in
 * each entry. The error is the distance from the mean of the clean, root mean square over entries, in
 * hundredths of the clamp; each draw of the beacon is a sample.
 */
import { addressOf, createRandomStream, utf8 } from '@nonet/core';
import { assignGroups, priceGroups, trimGroups } from '@nonet/privacy/groups';
import { benchFigure, type Figure, type Suite } from './suite.ts';

const members = 50;
const entries = 20_000;
const clamp = 1000;
const draws = 9;
const job = addressOf(utf8('groups'));
const plans = [
  { groups: 1, trimmed: 0 },
  { groups: 5, trimmed: 1 },
  { groups: 10, trimmed: 2 },
  { groups: 10, trimmed: 4 },
] as const;

/** Of each member: numbers of its own, uniform in a tenth of the clamp both ways. */
function createVectors(): Int32Array[] {
  const random = createRandomStream([1, 2]);
  const spread = clamp / 5 + 1;
  return Array.from({ length: members }, () =>
    Int32Array.from({ length: entries }, () => random.below(spread) - clamp / 10),
  );
}

function sumOf(vectors: readonly Int32Array[]): Int32Array {
  const sum = new Int32Array(entries);
  for (const vector of vectors) for (let e = 0; e < entries; e++) sum[e]! += vector[e]!;
  return sum;
}

/** Root mean square of the differences, in hundredths of the clamp. */
function errorOf(found: (entry: number) => number, clean: (entry: number) => number): number {
  let squares = 0;
  for (let e = 0; e < entries; e++) squares += (found(e) - clean(e)) ** 2;
  return (100 * Math.sqrt(squares / entries)) / clamp;
}

export const suite: Suite = {
  name: 'groups',
  about: 'groups under masks: their price in privacy and noise, and what poisoned updates do to the average',
  cells: [],
  async run({ note }) {
    const vectors = createVectors();
    const all = Array.from({ length: members }, (_, i) => i);
    const figures: Record<string, Figure> = {};
    for (const { groups, trimmed } of plans) {
      const name = `g${groups}.k${trimmed}`;
      note(`${groups} groups, ${trimmed} left out at each end`);
      const price = priceGroups({ members, groups, trimmed, dirty: 2, colluding: 5 });
      figures[`${name}.smallest`] = benchFigure(price.smallest, 'members');
      figures[`${name}.overrun`] = benchFigure(price.overrun, 'fraction');
      figures[`${name}.exposed`] = benchFigure(price.exposed, 'fraction');
      figures[`${name}.noise`] = benchFigure(price.noiseFactor, 'times');
      for (const dirty of [0, 2]) {
        const clean = sumOf(vectors.slice(dirty));
        const sent = vectors.map((vector, i) => (i < dirty ? vector.map(() => clamp) : vector));
        const errors: number[] = [];
        const times: number[] = [];
        for (let draw = 0; draw < draws; draw++) {
          const beacon = new Uint8Array(32).fill(draw);
          const sums = assignGroups({ job, round: 0, beacon }, all, groups).map((group) => ({
            sum: sumOf(group.map((member) => sent[member]!)),
            count: group.length,
          }));
          const started = performance.now();
          const { sum, count } = trimGroups(sums, trimmed);
          times.push(performance.now() - started);
          errors.push(
            errorOf(
              (e) => sum[e]! / count[e]!,
              (e) => clean[e]! / (members - dirty),
            ),
          );
        }
        figures[`${name}.error.dirty${dirty}`] = benchFigure(errors, 'percent of the clamp');
        if (dirty > 0) figures[`${name}.rule`] = benchFigure(times, 'ms');
      }
    }
    return figures;
  },
};
