/** The energy of a run, with its label, and per unit of what the run achieved: round, right test example, verified update. */
import type { Evidence, Figure, Origin } from '@nonet/core/records';
import { acceptedParticipants, type RunCosts } from '@nonet/federation';
import { type Energy, energyPer, networkEnergy, trainingFlop } from '@nonet/matrix/energy';
import { energyFigure, energyOf, energyText } from '../machine/energy.ts';
import type { Outcome } from './coordinator.ts';

/** Joules that were measured of the whole run, and watts that somebody declared; without either, energy is modelled. */
export interface RunPower {
  readonly joules?: number;
  readonly watts?: number;
}

/**
 * Every process of a run is on this machine, so nothing of its traffic crossed a network. Memory traffic is what training has to move at least: parameters are read forward and
 * backward and written once per batch, examples read once per epoch, 4 bytes each.
 */
export function measureRunEnergy(outcome: Outcome, costs: RunCosts, { joules, watts }: RunPower): Energy {
  const { job, seconds } = outcome;
  const examples = trainedExamples(outcome);
  const features = job.data.shape.reduce((product, length) => product * length, 1);
  const dramBytes =
    4 * ((3 * job.vector.entries * examples) / job.training.batch + features * examples) + costs.bytesMoved;
  const flop = trainingFlop(job.vector.entries, examples);
  return energyOf(joules, watts, { seconds, share: 1, flop, dramBytes });
}

/** Examples times epochs over all rounds and sites. A resumed run may tell of the same training twice. */
function trainedExamples({ job, reports }: Pick<Outcome, 'job' | 'reports'>): number {
  const trained = new Map<string, number>();
  for (const { by, event } of reports) {
    if (event.type === 'trained' && 'examples' in event) trained.set(`${by} ${event.round}`, event.examples);
  }
  return job.training.epochs * [...trained.values()].reduce((sum, examples) => sum + examples, 0);
}

/** The record of it. A measurement is of grade 4; a model of ours is documented and no more (1); a declaration is hearsay (0). */
export function energyEvidence(
  { job, state }: Pick<Outcome, 'job' | 'state'>,
  { bytesMoved }: Pick<RunCosts, 'bytesMoved'>,
  energy: Energy,
  evidence: readonly Evidence[],
  origin: Origin,
): Evidence {
  const final = state.rounds.filter(({ phase }) => phase === 'final');
  const updates = final.reduce((sum, round) => sum + acceptedParticipants(round).length, 0);
  const total = energyFigure(energy.joules);
  const per = (name: string, achieved: number): [string, Figure][] => {
    const share = energyPer(energy, achieved);
    return share === undefined ? [] : [[name, energyFigure(share)]];
  };
  return {
    kind: energy.label === 'measured' ? 'measurement' : 'observation',
    grade: { measured: 4 as const, modelled: 1 as const, declared: 0 as const }[energy.label],
    sentence: `Energy of this run, ${energy.label}: ${energyText(energy.joules)}. ${energy.how}. Between distant sites a network would have taken more: ${energyText(networkEnergy(bytesMoved))}, at 0.002 to 0.06 kWh per GB.`,
    cells: ['performance-decentralisation'],
    origin,
    figures: {
      energy: total,
      ...Object.fromEntries([
        ...per('energyPerRound', final.length),
        ...per('energyPerRightExample', rightExamples(evidence)),
        ...per('energyPerVerifiedUpdate', job.watchers.length === 0 ? 0 : updates),
      ]),
      energyOfNetworkIfApart: energyFigure(networkEnergy(bytesMoved)),
    },
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

/** Of the public test, by the final model: the first record that tells of both accuracy and number. */
function rightExamples(evidence: readonly Evidence[]): number {
  for (const { figures } of evidence) {
    if (figures.accuracy !== undefined && figures.examples !== undefined)
      return Math.round(figures.accuracy.value * figures.examples.value);
  }
  return 0;
}
