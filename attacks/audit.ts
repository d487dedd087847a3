/**
 * A one-run audit of differential privacy (Steinke, Nasr and Jagielski, NeurIPS 2023; statistics.ts)
 * of the trainers that jobs run. Each of many canaries is among a participant's records by the toss
 * of a coin; the auditor sees what becomes readable, and guesses for which of them the coin fell
 * on which side. Guesses that are better than the claimed epsilon allows show that it is not kept.
 *
 * The auditor is as strong as a job allows: it chooses the model, the same in each round; a canary
 * is an example with one feature, so that its clipped gradient meets no other; and it knows what
 * all others add, but for the noise of those assumed honest. A broken trainer is the same trainer
 * with parameters that promise less than is claimed: a participant that was asked to use them under
 * the claim would refuse.
 */
import { createRandomStream, NonetError, toHex } from '@nonet/core';
import { createFigures } from '@nonet/core/records';
import {
  createGradientTrainer,
  createSiloTrainer,
  deriveClippedStep,
  encodeModel,
  type Model,
  modelOfParameters,
  type PrivateTrainer,
  type Trainer,
} from '@nonet/federation';
import {
  type DistributedPrivacy,
  planPrivacy,
  reviewPlan,
  type SecretWords,
  type SiloPrivacy,
  systemWords,
} from '@nonet/privacy/dp';
import { decodeSafetensors, initialParameters, mlp } from '@nonet/tensor';
import type { Dataset } from '@nonet/tensor/datasets';
import type { Attack, Finding, Trial } from './attack.ts';
import { attackFigures } from './figures.ts';
import {
  type AuditOutcome,
  boundEpsilon,
  boundProbability,
  guessExtremes,
  isMoreOften,
  median,
} from './statistics.ts';
import { createTrainerJob, requestFor } from './trainerJob.ts';

/** How large an audit is. */
export interface AuditSize {
  readonly canaries: number;
  /** The most extreme scores, half of them on either side; about the others it abstains. */
  readonly guesses: number;
}

export const usualSize: AuditSize = { canaries: 1000, guesses: 100 };
/** A lower bound is above the truth with this probability at most. */
const error = 0.05;
const claim = { epsilon: 2, delta: 1e-5 } as const;
const rounds = 2;
const cohort = { minParticipants: 4, maxParticipants: 4, rounds };
const honest = 2;
/** The norm of a canary's gradient before it is clipped to 1: a power of two. */
const unclipped = 8;
/** Of a canary's feature: both weights of it get half of it as their gradient. */
const height = unclipped * Math.SQRT2;

export type Form = 'distributed' | 'silo';

/** Trainers as they should be, and as they would be with a fault. */
export type Fault = 'none' | 'noise left out' | 'noise divided by 4' | 'clipping left out';
export const faults: readonly Fault[] = ['noise left out', 'noise divided by 4', 'clipping left out'];

/** A model of one weight for each canary and class, all of them 0. */
function createModel(canaries: number) {
  const graph = mlp({ features: [canaries], hidden: [], classes: 2 });
  const { tensors, flat } = modelOfParameters(graph, initialParameters(graph, toHex(new Uint8Array(32))));
  const model: Model = { tensors, flat: flat.fill(0) };
  return { graph, file: encodeModel(model) };
}

/**
 * One example for each canary, in or out. One that is out has no feature, so that its gradient is 0
 * but for the biases, at which the auditor does not look.
 */
function createCanaries(canaries: number): Dataset & { readonly choose: (isIn: readonly boolean[]) => void } {
  const features = new Float32Array(canaries * canaries);
  return {
    features,
    shape: [canaries],
    labels: Int32Array.from({ length: canaries }, (_, canary) => canary % 2),
    vocabulary: ['even', 'odd'],
    choose(isIn) {
      for (const [canary, is] of isIn.entries()) features[canary * canaries + canary] = is ? height : 0;
    },
  };
}

const promise = (canaries: number) =>
  ({
    ...claim,
    unit: 'record',
    clippingNorm: 1,
    releases: rounds,
    samplingRate: 1,
    maximumBatch: 64 * Math.ceil(canaries / 64),
    maximumRecords: canaries,
  }) as const;

/** What is claimed, planned as for any job. */
function planAudit(canaries: number) {
  const setting = { dimension: 2 * canaries + 2, ...cohort };
  const base = promise(canaries);
  const distributed = planPrivacy(
    { ...base, form: 'distributed', expectedBatch: canaries, honest },
    setting,
  ).parameters;
  const silo = planPrivacy({ ...base, form: 'silo', stepsPerRound: 1 }, setting).parameters;
  return { setting, distributed, silo };
}

/**
 * The same parameters with a fault, and a promise that they do keep. The grid is coarser where
 * longer gradients would leave 32 bits.
 */
function spoil<P extends DistributedPrivacy | SiloPrivacy>(parameters: P, fault: Fault): P {
  const sigma = parameters.form === 'silo' ? parameters.sigma : parameters.shareSigma;
  const weaken = (factor: number, more: object = {}): P => ({
    ...parameters,
    epsilon: 1000,
    ...(parameters.form === 'silo' ? { sigma: sigma / factor } : { shareSigma: sigma / factor }),
    ...more,
  });
  if (fault === 'noise divided by 4') return weaken(4);
  if (fault === 'clipping left out') {
    return weaken(unclipped, { clippingNorm: 1.01 * unclipped, scale: parameters.scale / unclipped });
  }
  return parameters;
}

/** The operating system's generator, or one that is stuck: every draw of noise is 0 then. */
function wordsFor(fault: Fault): SecretWords {
  if (fault !== 'noise left out') return systemWords;
  return { fill: (words: Uint32Array) => void words.fill(0) } as SecretWords;
}

/** A trainer with canaries, made once for many audits. */
export interface Auditee {
  /** What the auditor sees of training on these canaries. */
  train(isIn: readonly boolean[]): Promise<ArrayLike<number>>;
}

/** A trainer of a job, with its data in the auditor's hands. */
export async function createAuditee(form: Form, fault: Fault, canaries: number): Promise<Auditee> {
  const { graph, file } = createModel(canaries);
  const planned = planAudit(canaries);
  const parameters = spoil(form === 'silo' ? planned.silo : planned.distributed, fault);
  const data = { shape: [canaries], labels: ['even', 'odd'] };
  const step = deriveClippedStep(graph, parameters.clippingNorm);
  const { job, store } = await createTrainerJob(graph, step, { ...cohort, data });
  const dataset = createCanaries(canaries);
  const common = { job, store, words: wordsFor(fault) };
  const see =
    parameters.form === 'silo'
      ? seeModels(
          await createSiloTrainer({ ...common, dataset, parameters, learningRate: 1, momentum: 0 }),
          file,
        )
      : seeSums(
          // The other honest participant has records that the auditor knows, and here they add nothing.
          await Promise.all(
            [dataset, createCanaries(canaries)].map((dataset) =>
              createGradientTrainer({ ...common, dataset, parameters }),
            ),
          ),
          file,
        );
  return {
    train(isIn) {
      dataset.choose(isIn);
      return see();
    },
  };
}

/** The sums of all rounds. What the dishonest add to them, the auditor subtracts. */
const seeSums =
  (trainers: readonly PrivateTrainer[], file: Uint8Array) => async (): Promise<Float64Array> => {
    const { length } = readParameters(file);
    const sum = new Float64Array(length);
    for (let step = 0; step < rounds; step++) {
      for (const [participant, trainer] of trainers.entries()) {
        const { entries } = await trainer.contribute(requestFor(file, step, participant));
        for (let e = 0; e < length; e++) sum[e]! += entries[e]!;
      }
    }
    return sum;
  };

/** How far the models that a silo sends have moved against the gradient, over all rounds. */
const seeModels = (trainer: Trainer, file: Uint8Array) => async (): Promise<Float64Array> => {
  const sum = new Float64Array(readParameters(file).length);
  for (let step = 0; step < rounds; step++) {
    const moved = readParameters((await trainer.train(requestFor(file, step, 0))).model);
    for (let e = 0; e < sum.length; e++) sum[e]! -= moved[e]!;
  }
  return sum;
};

/** In the order of the file. */
function readParameters(file: Uint8Array): number[] {
  const { tensors } = decodeSafetensors(file);
  return tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1)).flatMap(({ data }) => [...data]);
}

/** One audit: coins are tossed, the trainer trains, the auditor guesses; the bound that follows. */
export async function auditOnce(
  auditee: Auditee,
  { canaries, guesses }: AuditSize,
  seed: readonly [number, number],
): Promise<number> {
  const coins = createRandomStream(seed);
  const isIn = Array.from({ length: canaries }, () => coins.below(2) === 1);
  return boundEpsilon(guessCoins(await auditee.train(isIn), isIn, guesses), claim.delta, error);
}

/**
 * A canary moves the two weights of its feature apart, in the direction of its label. Entries are in
 * the order of the file: the two biases, then two weights for each feature.
 */
export function guessCoins(seen: ArrayLike<number>, isIn: readonly boolean[], guesses: number): AuditOutcome {
  const scores = isIn.map((_, canary) => {
    const [even, odd] = [seen[2 + 2 * canary]!, seen[3 + 2 * canary]!];
    return canary % 2 === 0 ? odd - even : even - odd;
  });
  return guessExtremes(scores, isIn, guesses);
}

/** How a fault is made, and whether a job could ask for it. */
function describeFault(fault: Fault, form: Form): string {
  if (fault === 'noise left out') return 'a generator that is stuck, of which parameters say nothing';
  const { setting, ...planned } = planAudit(usualSize.canaries);
  try {
    reviewPlan({ ...spoil(planned[form], fault), epsilon: claim.epsilon }, setting);
    return 'parameters that a participant accepts under the claim';
  } catch (caught) {
    if (!(caught instanceof NonetError)) throw caught;
    return `parameters that a participant refuses under the claim (${caught.code})`;
  }
}

export const attack: Attack = {
  name: 'audit',
  about: 'guesses which records were trained on, of one run, better than the claimed epsilon allows',
  cells: ['privacy-decentralisation'],
  async run({ seed, long, note }) {
    const findings: Finding[] = [];
    for (const [form, runs] of [
      ['distributed', long ? 400 : 100],
      ['silo', long ? 400 : 100],
    ] as const) {
      const audit = async (fault: Fault) => {
        const auditee = await createAuditee(form, fault, usualSize.canaries);
        const bounds: number[] = [];
        for (let run = 0; run < runs; run++) {
          bounds.push(await auditOnce(auditee, usualSize, [seed, run]));
        }
        note(`${form}, ${fault === 'none' ? 'as it is' : fault}: ${bounds.length} audits`);
        return bounds;
      };
      const right = await audit('none');
      const broken: [Fault, number[]][] = [];
      for (const fault of faults) broken.push([fault, await audit(fault)]);
      findings.push(findingOf(form, right, broken));
    }
    return findings;
  },
};

const isCaught = (bound: number) => bound > claim.epsilon;

function findingOf(
  form: Form,
  right: readonly number[],
  broken: readonly (readonly [Fault, readonly number[]])[],
): Finding {
  const runs = right.length;
  const above = right.filter(isCaught).length;
  const describe = (bounds: readonly number[]) => {
    const caught = bounds.filter(isCaught).length;
    return `epsilon is at least ${median(bounds).toFixed(2)} in the median, and above ${claim.epsilon} in ${caught} of ${runs} audits`;
  };
  const trials: Trial[] = [
    ...broken.map(([fault, bounds]): Trial => {
      const caught = bounds.filter(isCaught).length;
      const least = boundProbability(caught, runs, error).low;
      return {
        condition: 'without',
        setting: `${fault}: ${describeFault(fault, form)}`,
        measured: `${describe(bounds)}: caught with a probability of at least ${(100 * least).toFixed(1)} %`,
        succeeded: caught >= 0.95 * runs,
      };
    }),
    {
      condition: 'with',
      setting: 'the trainer as it is',
      measured: describe(right),
      succeeded: isMoreOften(above, runs, error),
    },
  ];
  return {
    name: form === 'silo' ? 'one silo, all others collude' : 'the sum of a cohort, half of it honest',
    mechanism: 'privacy.dp',
    claimed: `epsilon ${claim.epsilon} at delta ${claim.delta} for each record, over ${rounds} rounds (docs/specs/dp.md §12.${form === 'silo' ? 4 : 3})`,
    power: `${usualSize.guesses} guesses about ${usualSize.canaries} canaries; a bound is above the truth in at most ${100 * error} % of audits, and the share of broken trainers that are caught is told with ${100 * (1 - error)} % confidence`,
    trials,
    figures: createFigures([
      [attackFigures.epsilonClaimed, claim.epsilon],
      [attackFigures.epsilonAtLeast, right],
      [
        attackFigures.faultsCaught,
        broken.map(([, bounds]) => bounds.filter(isCaught).length / bounds.length),
      ],
    ]),
  };
}
