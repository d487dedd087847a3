/**
 * Participant-level privacy of a thousand simulated participants, all in each of twenty rounds, on
 * handwritten digits: each trains on 60 of them, and its whole update is clipped and gets a share of
 * the noise, by the trainer that a job runs. Sums are plain: so who sees what is part of the result.
 * Against whoever sees sums and models the figure is that of all honest shares; the noised updates
 * themselves, which an aggregator and the stores of such a job would hold, have one share each, and
 * the figure for that is printed beside it.
 */
import { toHex, utf8 } from '@nonet/core';
import { requireGraphJob } from '@nonet/core/records';
import { sampleJob } from '@nonet/core/testing/run';
import {
  createUpdateTrainer,
  encodeModel,
  modelOfParameters,
  parametersOfModel,
  type Trainer,
} from '@nonet/federation';
import { accountRenyi, describePrivacy, planPrivacy, reportSpent } from '@nonet/privacy/dp';
import {
  createLocalTrainer,
  encodeParameters,
  evaluate,
  initialParameters,
  orientedGradients,
  parameterCount,
} from '@nonet/tensor';
import { partitionDirichlet } from '@nonet/tensor/datasets';
import { readDigits } from './privateDigits.ts';
import { benchFigure, type Suite } from './suite.ts';

const graph = orientedGradients({ features: [28, 28], range: 255, cell: 4, classes: 10 });
const cohort = 1000;
const setting = {
  dimension: parameterCount(graph),
  minParticipants: cohort,
  maxParticipants: cohort,
  rounds: 20,
};
/** Full batches: three steps from the model of the round. */
const local = { epochs: 3, batch: 60, learningRate: 0.5, momentum: 0 };
const server = { learningRate: 2, momentum: 0.5 };

/** A participant's local training, by the graph's own step. */
async function createTrainers(): Promise<Trainer> {
  const sites = partitionDirichlet(readDigits('train'), { sites: cohort, alpha: 0.5 });
  const trainer = await createLocalTrainer(graph, local.batch);
  return {
    async train({ model, participant }) {
      const dataset = sites[participant]!;
      const { parameters } = await trainer.train({
        parameters: parametersOfModel(graph, model),
        dataset,
        ...local,
        // Nothing is drawn: a full batch has no order.
        random: { u32: () => 0, uniform: () => 0, below: () => 0 },
      });
      return { model: encodeParameters(parameters), examples: dataset.labels.length };
    },
  };
}

export const suite: Suite = {
  name: 'privateParticipants',
  about: 'participant-level privacy of a thousand simulated participants: accuracy, epsilon, who sees what',
  cells: [],
  async run({ note }) {
    const { parameters, noiseToSignal } = planPrivacy(
      {
        unit: 'participant',
        form: 'distributed',
        epsilon: 8,
        delta: 1e-5,
        clippingNorm: 1,
        releases: setting.rounds,
        honest: cohort / 2,
      },
      setting,
    );
    const job = {
      ...setting,
      arithmetic: { ...requireGraphJob(sampleJob).arithmetic, entries: setting.dimension },
    };
    const trainer = createUpdateTrainer({ job, trainer: await createTrainers(), parameters });
    const test = readDigits('t10k');
    const model = modelOfParameters(graph, initialParameters(graph, toHex(utf8('participants'))));
    const velocity = new Float32Array(setting.dimension);
    const rate = server.learningRate / (cohort * parameters.scale);
    let accuracy = 0;
    for (let step = 0; step < setting.rounds; step++) {
      const sum = new Int32Array(setting.dimension);
      const file = encodeModel(model);
      for (let participant = 0; participant < cohort; participant++) {
        const { entries } = await trainer.contribute({
          model: file,
          step,
          participant,
          seed: toHex(new Uint8Array(32)),
          signal: new AbortController().signal,
        });
        for (let i = 0; i < sum.length; i++) sum[i]! += entries[i]!;
      }
      for (let i = 0; i < sum.length; i++) {
        velocity[i] = server.momentum * velocity[i]! + rate * sum[i]!;
        model.flat[i]! += velocity[i]!;
      }
      const evaluated = parametersOfModel(graph, encodeModel(model));
      accuracy = (await evaluate({ graph, parameters: evaluated, dataset: test })).accuracy;
      note(`round ${step + 1} of ${setting.rounds}: ${(100 * accuracy).toFixed(1)} %`);
    }
    const rounds = Array.from({ length: setting.rounds }, () => ({ included: cohort, readable: true }));
    const { report } = reportSpent(parameters, setting, rounds);
    for (const line of describePrivacy(report!).split('\n')) note(line);
    const [release] = report!.releases;
    const single = { ...release!.mechanism, shares: 1 } as const;
    const alone = accountRenyi([{ count: setting.rounds, mechanism: single }]);
    const seen = alone.epsilonAt(parameters.delta);
    note(
      `Sums are plain: the aggregator and the stores would see each noised update. Against them a participant has its own share alone: epsilon ${seen.toFixed(0)}, which is no protection. Masks leave them the sums.`,
    );
    return {
      accuracy: benchFigure(accuracy, 'fraction'),
      epsilon: benchFigure(report!.epsilon, 'epsilon'),
      'epsilon.ofOneUpdate': benchFigure(seen, 'epsilon'),
      noiseToSignal: benchFigure(noiseToSignal, 'fraction'),
      participants: benchFigure(cohort, 'participants'),
      rounds: benchFigure(setting.rounds, 'rounds'),
    };
  },
};
