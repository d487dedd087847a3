/**
 * The energy of a run, with its label, and per unit of what the run achieved: round, right test
 * example, verified update.
 */
import {
  createFigures,
  type Evidence,
  type FigureDeclaration,
  type Origin,
  readFigure,
  stateEntries,
  type TrainJob,
} from '@nonet/core/records';
import { acceptedParticipants, federationFigures, privacyOf, type RunCosts } from '@nonet/federation';
import { type Energy, energyFigures, energyPer, networkEnergy, trainingFlop } from '@nonet/matrix/energy';
import { examplesAtOnce } from '@nonet/privacy/dp';
import { energyOf, energyText, samplesOf } from '../machine/energy.ts';
import type { Outcome } from './coordinator.ts';

/**
 * Joules that were measured of the whole run, and watts that the runner declared; without either,
 * energy is modelled.
 */
export interface RunPower {
  readonly joules?: number;
  readonly watts?: number;
}

/**
 * Every process of a run is on this machine, so nothing of its traffic crossed a network. Memory
 * traffic is what training has to move at least: parameters are read forward and backward and
 * written once per batch, examples read once per epoch, 4 bytes each.
 */
export function measureRunEnergy(outcome: Outcome, costs: RunCosts, { joules, watts }: RunPower): Energy {
  const { seconds, job } = outcome;
  // Counting reads each record once: next to nothing beside what the processes do.
  if (job.kind === 'count') {
    return energyOf(joules, watts, { seconds, share: 1, flop: 0, dramBytes: costs.bytesMoved });
  }
  const entries = job.arithmetic.entries - stateEntries(job.arithmetic);
  const examples = trainedExamples(job, outcome.reports);
  const features = job.data.shape.reduce((product, length) => product * length, 1);
  const dramBytes = 4 * ((3 * entries * examples) / batchOf(job) + features * examples) + costs.bytesMoved;
  const flop = trainingFlop(entries, examples);
  return energyOf(joules, watts, { seconds, share: 1, flop, dramBytes });
}

/** Examples of one pass of the training program. */
const batchOf = ({ training }: TrainJob) => (training.kind === 'graph' ? training.batch : examplesAtOnce);

/** How often each example that a site tells of goes through the model in a round. */
function passesOf(job: TrainJob): number {
  const { training } = job;
  if (training.kind === 'graph') return training.epochs;
  const privacy = privacyOf(job)?.parameters;
  return privacy?.form === 'silo' ? privacy.stepsPerRound * privacy.samplingRate : 1;
}

/**
 * Examples times passes over all rounds and sites. A resumed run may tell of the same training
 * twice.
 */
function trainedExamples(job: TrainJob, reports: Outcome['reports']): number {
  const trained = new Map<string, number>();
  for (const { by, event } of reports) {
    if (event.type === 'trained' && 'examples' in event) trained.set(`${by} ${event.round}`, event.examples);
  }
  return passesOf(job) * [...trained.values()].reduce((sum, examples) => sum + examples, 0);
}

/**
 * The record of it. A measurement is of grade 4; a model of ours is documented and no more (1); a
 * declaration is hearsay (0).
 */
export function energyEvidence(
  { job, state }: Pick<Outcome, 'job' | 'state'>,
  { bytesMoved }: Pick<RunCosts, 'bytesMoved'>,
  energy: Energy,
  evidence: readonly Evidence[],
  origin: Origin,
): Evidence {
  const final = state.rounds.filter(({ phase }) => phase === 'final');
  const updates = final.reduce((sum, round) => sum + acceptedParticipants(round).length, 0);
  const per = (figure: FigureDeclaration, achieved: number) => {
    const share = energyPer(energy, achieved);
    return share === undefined ? [] : [samplesOf(figure, share)];
  };
  return {
    kind: energy.label === 'measured' ? 'measurement' : 'observation',
    grade: { measured: 4 as const, modelled: 1 as const, declared: 0 as const }[energy.label],
    sentence: `Energy of this run, ${energy.label}: ${energyText(energy.joules)}. ${energy.how}. Between distant sites a network would have taken more: ${energyText(networkEnergy(bytesMoved))}, at 0.002 to 0.06 kWh per GB.`,
    cells: ['performance-decentralisation'],
    origin,
    figures: createFigures([
      samplesOf(energyFigures.energy, energy.joules),
      ...per(energyFigures.energyPerRound, final.length),
      ...per(energyFigures.energyPerRightExample, rightExamples(evidence)),
      ...per(energyFigures.energyPerVerifiedUpdate, job.watchers.length === 0 ? 0 : updates),
      samplesOf(energyFigures.energyOfNetworkIfApart, networkEnergy(bytesMoved)),
    ]),
    check: {
      how: 'none',
      because:
        energy.label === 'measured'
          ? 'the energy of a run cannot be measured again afterwards'
          : `it is ${energy.label}, not measured`,
    },
    date: evidence[0]?.date ?? new Date().toISOString(),
  };
}

/**
 * Of the public test, by the final model: the first record that tells of both accuracy and number.
 */
function rightExamples(evidence: readonly Evidence[]): number {
  for (const record of evidence) {
    const accuracy = readFigure(record, federationFigures.accuracy);
    const examples = readFigure(record, federationFigures.examples);
    if (accuracy !== undefined && examples !== undefined) return Math.round(accuracy.value * examples.value);
  }
  return 0;
}
