/**
 * Rounds of H local steps and one synchronisation: how long they take, and how much of that is
 * computing. The wall-clock model of arXiv 2503.09799, appendix A, with the overlap of Streaming
 * DiLoCo (arXiv 2501.18512).
 */
import { MisuseError } from '@nonet/core';

interface Round {
  /** H: local steps between two synchronisations. */
  readonly innerSteps: number;
  readonly stepSeconds: number;
  readonly synchronisationSeconds: number;
  /** Steps that go on while the synchronisation runs. */
  readonly overlappedSteps?: number;
}

/** The part of a synchronisation during which no party computes. */
export function exposedSeconds({ stepSeconds, synchronisationSeconds, overlappedSteps = 0 }: Round): number {
  return Math.max(0, synchronisationSeconds - overlappedSteps * stepSeconds);
}

/** Seconds of a whole training: T t + (T / H) exposed. */
export function trainingSeconds(round: Round & { readonly steps: number }): number {
  return round.steps * round.stepSeconds + (round.steps / round.innerSteps) * exposedSeconds(round);
}

/** The share of the time that is spent computing: H t / (H t + exposed). */
export function computeUtilisation(round: Round): number {
  const computing = round.innerSteps * round.stepSeconds;
  return computing / (computing + exposedSeconds(round));
}

/**
 * The least H that reaches a utilisation: U / (1 - U) sync / t, without overlap. Throws
 * `planning.utilisation` unless 0 < U < 1.
 */
export function minimumInnerSteps({
  utilisation,
  stepSeconds,
  synchronisationSeconds,
}: {
  readonly utilisation: number;
  readonly stepSeconds: number;
  readonly synchronisationSeconds: number;
}): number {
  if (!(utilisation > 0 && utilisation < 1)) {
    throw new MisuseError({
      code: 'planning.utilisation',
      expected: 'a utilisation between 0 and 1',
      found: String(utilisation),
      hint: 'A synchronisation takes time, so that no setting reaches 1.',
    });
  }
  const steps = ((utilisation / (1 - utilisation)) * synchronisationSeconds) / stepSeconds;
  return Math.max(1, Math.ceil(steps));
}

/** Participants whose update comes in time, of `nodes` with this mean availability. */
export function expectedContributors({
  nodes,
  availability,
}: {
  nodes: number;
  availability: number;
}): number {
  return nodes * availability;
}

/**
 * When to stop waiting for stragglers: median + k median absolute deviations of the times seen, as
 * hivemind's issue 676 proposes in place of a fixed timeout. Throws `planning.samples` on none.
 */
export function adaptiveDeadlineSeconds({
  seconds,
  deviations,
}: {
  readonly seconds: readonly number[];
  readonly deviations: number;
}): number {
  const middle = median(seconds);
  return middle + deviations * median(seconds.map((each) => Math.abs(each - middle)));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const high = sorted[sorted.length >> 1];
  const low = sorted[(sorted.length - 1) >> 1];
  if (low === undefined || high === undefined) {
    throw new MisuseError({ code: 'planning.samples', expected: 'at least one time', found: 'none' });
  }
  return (low + high) / 2;
}

/**
 * Stages of a pipeline over the network: (M + S - 1) (micro step + transfer + latency) for M micro
 * batches through S stages (robirahman/miri-decentralized-training-report, April 2026).
 */
export function pipelineSeconds(pipeline: {
  readonly microBatches: number;
  readonly stages: number;
  readonly microStepSeconds: number;
  readonly transferSeconds: number;
  readonly latencySeconds: number;
}): number {
  const { microBatches, stages, microStepSeconds, transferSeconds, latencySeconds } = pipeline;
  return (microBatches + stages - 1) * (microStepSeconds + transferSeconds + latencySeconds);
}
