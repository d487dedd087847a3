/**
 * Poisoning through masks (docs/specs/secagg.md §9.5): a participant masks what it likes, and no role
 * sees it. The sum alone is judged: one that no updates of the job add up to makes no step. What is
 * within that range becomes part of the model. Rules over sums of groups would bound it; they are not
 * among what jobs can promise.
 */
import { createRandomStream } from '@nonet/core';
import type { JobState, Round } from '@nonet/core/ports';
import { createFigures, largestMasked, qualifyFigure, requireGraphJob } from '@nonet/core/records';
import { createGraphTrainer, decodeModel, encodeModel, type Model } from '@nonet/federation';
import { decodeSum } from '@nonet/privacy/secagg';
import { evaluate } from '@nonet/tensor';
import type { Dataset } from '@nonet/tensor/datasets';
import { computeMaskedStep, vectorEncodingOf } from '../packages/federation/src/masked/maskedRound.ts';
import { parametersOfFile } from '../packages/federation/src/trainers/sampledSum.ts';
import { averaging } from '../packages/federation/src/update/serverStep.ts';
import type { Attack, Trial } from './attack.ts';
import { digitsModel, readDigits } from './digits.ts';
import {
  createFederation,
  type Federation,
  type OpenedMasks,
  openMasks,
  playJob,
  subtractSums,
  sumMessages,
  vectorOf,
} from './federation.ts';
import { attackFigures } from './figures.ts';

const sites = 10;
const liar = 7;
const hidden = 16;
const examples = 256;

export const attack: Attack = {
  name: 'poisoning',
  about: 'a participant masks what is no update of its data',
  cells: ['performance-security'],
  async run({ seed, note }) {
    const federation = await createFederation({ sites, threshold: 66, seed, hidden, examples, epochs: 8 });
    const { arithmetic, simulation, datasets } = federation;
    note(`a round of ${sites} sites`);
    const state = await playJob(federation);
    const round = state.rounds[0]!;
    const opened = (await openMasks(federation, state))!;
    const start = decodeModel((await simulation.connect().get(round.model)).bytes, arithmetic);
    const honest = await vectorOf(federation, liar, round);
    const test = readDigits('t10k');
    const graph = digitsModel(hidden);
    const judge = async (model: Model) => {
      const { accuracy, confusion, count } = await evaluate({
        graph,
        parameters: parametersOfFile(graph, encodeModel(model)),
        dataset: test,
      });
      const turned = confusion.reduce((sum, row, label) => sum + row[9 - label]!, 0) / count;
      return { accuracy, turned };
    };
    const before = await judge(
      computeMaskedStep(start, round, opened.messages, opened.recovery, arithmetic)!.model,
    );

    const garbage = drawGarbage(honest.length, seed);
    const unchecked = stepUnchecked(federation, start, state, lieOf(opened, honest, garbage));
    const checked = stepOf(federation, start, round, lieOf(opened, honest, garbage));

    note('another model in the place of the average');
    const turning = await vectorOf(await turnLabels(federation, datasets[liar]!), liar, round);
    // The liar takes its own update for that of each other site (Bagdasaryan et al., AISTATS 2020).
    const numbers = honest.length - 1;
    const lie = honest.map((entry, e) => (e < numbers ? sites * turning[e]! - (sites - 1) * entry : entry));
    const replaced = stepOf(federation, start, round, lieOf(opened, honest, lie))!;
    const after = await judge(replaced);
    const ruined = await judge(unchecked);
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const largest =
      Math.max(...lie.subarray(0, numbers).map(Math.abs)) / (examples * 2 ** arithmetic.scaleBits);
    const within = (sites * largestMasked(arithmetic)) / 2 ** 31;
    const trials: Trial[] = [
      {
        condition: 'without',
        setting: 'sums are not judged, and one of ten sites masks random words',
        measured: `accuracy falls from ${percent(before.accuracy)} to ${percent(ruined.accuracy)}`,
        succeeded: ruined.accuracy < before.accuracy / 2,
      },
      {
        condition: 'with',
        setting: 'sums are judged, and one of ten sites masks random words',
        measured:
          checked === undefined
            ? 'the sum is none that updates add up to: there is no step, and nothing shows whose doing it was'
            : 'the sum makes a step',
        succeeded: checked !== undefined,
      },
      {
        condition: 'beyond',
        setting: `one of ten sites turns labels y into 9 - y, trains on them, and multiplies what it learned; no number of its update exceeds ${largest.toFixed(1)}, and ${arithmetic.clamp} is allowed`,
        measured: `accuracy falls from ${percent(before.accuracy)} to ${percent(after.accuracy)}, and ${percent(after.turned)} of the digits y are read as 9 - y`,
        succeeded: after.accuracy < before.accuracy / 2,
      },
    ];
    return [
      {
        name: 'a masked lie',
        mechanism: 'privacy.masking',
        claimed:
          'a sum that updates of the job cannot add up to makes no step; a lie within that range is not noticed, and nothing else bounds it (docs/specs/secagg.md §9.5)',
        power: `a random word is within the range of an entry with probability ${within.toFixed(2)}: of ${honest.length.toLocaleString('en-GB')}, one is outside with certainty`,
        trials,
        figures: createFigures([
          [attackFigures.accuracy, before.accuracy],
          [qualifyFigure(attackFigures.accuracy, 'without'), ruined.accuracy],
          [qualifyFigure(attackFigures.accuracy, 'beyond'), after.accuracy],
        ]),
      },
    ];
  },
};

/** Words without sense, as the liar masks them. */
function drawGarbage(entries: number, seed: number): Int32Array {
  const random = createRandomStream([seed, 0x9a5b]);
  return Int32Array.from({ length: entries }, () => random.u32());
}

/** The same sites, where the liar's labels y are 9 - y. */
async function turnLabels(federation: Federation, own: Dataset): Promise<Federation> {
  const { simulation, trainers } = federation;
  const dataset = { ...own, labels: own.labels.map((label) => 9 - label) };
  const job = requireGraphJob(simulation.job);
  const turned = await createGraphTrainer({ job, store: simulation.connect(), dataset });
  return { ...federation, trainers: trainers.with(liar, turned) };
}

/** The round with the liar's message over another vector. Masks are added, so both differ by the same. */
function lieOf(opened: OpenedMasks, honest: Int32Array, lie: Int32Array): OpenedMasks {
  const words = new Uint32Array(opened.messages.get(liar)!.slice().buffer);
  const difference = subtractSums(lie, honest)!;
  for (let e = 0; e < words.length; e++) words[e]! += difference[e]!;
  const messages = new Map(opened.messages).set(liar, new Uint8Array(words.buffer));
  return { ...opened, messages };
}

/** The model that follows from these messages, if one does. */
const stepOf = (
  { arithmetic }: Federation,
  start: Model,
  round: Round,
  { messages, recovery }: OpenedMasks,
): Model | undefined => computeMaskedStep(start, round, messages, recovery, arithmetic)?.model;

/** The same where the sum is not judged, with the right weight. */
function stepUnchecked(
  { arithmetic }: Federation,
  start: Model,
  state: JobState,
  opened: OpenedMasks,
): Model {
  const encoding = vectorEncodingOf(arithmetic);
  const entries = sumMessages(state, opened);
  entries[encoding.numbers] = sites * examples;
  const { average } = decodeSum(encoding, entries, sites)!;
  return { ...start, flat: averaging.apply(start.flat, Float32Array.from(average)) };
}
