/**
 * The limits of AI scaling by the model of Epoch AI (2024): what it gives for 2030, in FLOP, by
 * three seeds, so that the range of a figure is the error of the Monte Carlo and not the
 * uncertainty of the model, which p10 and p90 are. And how long one core works on 100,000 draws of
 * all parameters and all four constraints: processor time, so that what else the machine does is
 * not counted.
 */
import { constraintIds, scenarios } from '@nonet/limits';
import { jointOf } from '../packages/limits/src/sensitivity.ts';
import { drawParameters, evaluateDraws, horizonOf } from '../packages/limits/src/simulate.ts';
import { percentilesOf, shareAtLeast } from '../packages/limits/src/statistics.ts';
import { measureEvaluation } from './evaluation.ts';
import { benchFigure, type Figure, type Suite } from './suite.ts';

const draws = 100_000;
const seeds = [1, 2, 3];

export const suite: Suite = {
  name: 'limits',
  about: 'how large a training run is possible in 2030, and how long one core works on 100,000 draws',
  cells: [],
  async run({ note }) {
    const samples = new Map<string, { unit: string; values: number[] }>();
    const add = (name: string, value: number, unit: string) => {
      const sample = samples.get(name) ?? { unit, values: [] };
      samples.set(name, sample);
      sample.values.push(value);
    };
    for (const seed of seeds) {
      note(`seed ${seed} of ${seeds.length}`);
      const start = process.cpuUsage();
      const { flop } = evaluateDraws(
        drawParameters(scenarios.epoch2024, { draws, seed }),
        horizonOf(scenarios.epoch2024, 2030),
      );
      const joint = jointOf(flop);
      const { user, system } = process.cpuUsage(start);
      for (const [id, values] of [...Object.entries(flop), ['joint', joint] as const]) {
        for (const [p, value] of Object.entries(percentilesOf(values))) add(`${id}.${p}`, value, 'FLOP');
      }
      add('joint.atLeast2e29', shareAtLeast(joint, 2e29), 'fraction');
      for (const id of constraintIds) {
        const least = joint.filter((value, draw) => value === flop[id][draw]).length;
        add(`binding.${id}`, least / draws, 'fraction');
      }
      add('draws100k.seconds', (user + system) / 1e6, 'seconds');
    }
    note('60 projects with all that would change their verdicts');
    return {
      ...Object.fromEntries(
        [...samples].map(([name, { unit, values }]): [string, Figure] => [name, benchFigure(values, unit)]),
      ),
      'evaluate60.ms': measureEvaluation(),
    };
  },
};
