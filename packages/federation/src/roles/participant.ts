/**
 * The role of a participant: checks the job, joins, and in each round trains on its own data, uploads a salted and signed update, and commits to
 * it on the ledger; appeals when its update is called unavailable; takes its share at the end. It makes outbound connections only.
 *
 * A killed participant that is started again goes on where it was: its number, its rounds and its commitments are on the ledger, and an
 * update that may have left is sent again byte for byte from the outbox.
 *
 * Nothing here hides an update from whoever reads the stores (docs/specs/update.md §6).
 */
import { type Address, addressOf, MisuseError, NonetError, pause, UndecidedError } from '@nonet/core';
import { type BlobStore, isRefusal, type JobEnd, type JobState } from '@nonet/core/ports';
import { decodeModel, type Model, maximumModelBytes } from '../update/modelBlob.ts';
import { acceptedParticipants, isComplete, owedTo, shareOf } from '../round.ts';
import { expectationOf, isUpdateRefusal } from '../update/step.ts';
import { domainOf, encodeUpdate, saltBytes, verifyUpdate } from '../update/message.ts';
import { quantise, subtractParameters, weightOf } from '../update/fixedPoint.ts';
import type { FederationEvent } from './events.ts';
import {
  defaultPollMilliseconds,
  followJob,
  type JobView,
  outlast,
  type RoleParameters,
  submit,
} from './jobView.ts';
import type { Outbox } from './outbox.ts';
import { assertPolicy, type SitePolicy } from './sitePolicy.ts';
import type { Trainer } from './trainer.ts';

export interface ParticipantParameters extends RoleParameters {
  /** Where models come from and updates go. */
  readonly store: BlobStore;
  readonly trainer: Trainer;
  readonly outbox: Outbox;
  readonly sitePolicy?: SitePolicy;
  /** Rounds in which to stay away after training: a rehearsed drop-out. */
  readonly absences?: readonly number[];
}

export interface ParticipantResult {
  readonly participant: number | undefined;
  readonly outcome: 'complete' | 'ended' | 'aborted';
  readonly end?: JobEnd;
  /** Rounds with a commitment of this participant. */
  readonly committed: readonly number[];
  /** Wei received by this call. */
  readonly withdrawn: bigint;
}

/**
 * Takes part until the job is complete, has ended, or the signal aborts. Throws `policy.refused`, `job.unknown`, `job.terms`, `job.refused` (the
 * ledger does not let this account in); a round that cannot be taken part in is an event, not an error.
 */
export async function runParticipant(parameters: ParticipantParameters): Promise<ParticipantResult> {
  const { job, signer, signal, onEvent, sitePolicy = {} } = parameters;
  const { pollMilliseconds = defaultPollMilliseconds, absences = [] } = parameters;
  assertPolicy(job, sitePolicy);
  const view = await followJob(parameters);
  const numberOf = (state: JobState) => state.participants.indexOf(signer.account);
  /** Rounds that need nothing more from here, unless an appeal. */
  const done = new Set<number>();
  const appealed = new Set<number>();
  let withdrawn = 0n;
  let joined = false;
  let announced = false;
  const result = (outcome: ParticipantResult['outcome']): ParticipantResult => {
    const { state } = view;
    const participant = numberOf(state);
    return {
      participant: participant < 0 ? undefined : participant,
      outcome,
      ...(state.end === undefined ? {} : { end: state.end }),
      committed: state.rounds.flatMap(({ commitments }, round) =>
        commitments[participant] === undefined ? [] : [round],
      ),
      withdrawn,
    };
  };

  while (!signal.aborted) {
    const seen = view.events.length;
    const { state } = view;
    const participant = numberOf(state);
    if (state.end !== undefined || isComplete(state)) {
      withdrawn += await withdrawShares(parameters, state);
      onEvent?.(
        state.end === undefined
          ? { type: 'complete', model: state.rounds.findLast(({ step }) => step !== undefined)!.step!.model }
          : { type: 'ended', end: state.end },
      );
      return result(state.end === undefined ? 'complete' : 'ended');
    }
    if (participant < 0) {
      // Once it is through, the move that says so is on its way here.
      if (!joined) joined = await join(parameters);
    } else if (!announced) {
      announced = true;
      onEvent?.({ type: 'joined', participant });
    }
    const round = state.rounds.length - 1;
    const current = state.rounds[round];
    if (current !== undefined && participant >= 0 && participant < current.size) {
      if (current.phase === 'appealing' && current.unavailable.includes(participant)) {
        if (!appealed.has(round) && (await appeal(parameters, round))) appealed.add(round);
      }
      const collecting = current.phase === 'open' || current.phase === 'collecting';
      if (collecting && !done.has(round) && current.commitments[participant] === undefined) {
        if (await contribute(parameters, view, round, absences.includes(round))) done.add(round);
      }
    }
    await view.change(seen, pollMilliseconds);
  }
  return result('aborted');
}

/** Whether this account takes part now; false when that has to wait. */
async function join(parameters: ParticipantParameters): Promise<boolean> {
  const { job, signer, signal, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  const outcome = await submit(parameters, { type: 'join' });
  if (outcome === undefined) return false;
  if (!isRefusal(outcome) || outcome.refused === 'Repeated') return true;
  if (outcome.refused === 'JobEnded') return false;
  if (outcome.refused === 'NotAdmitted') {
    onEvent?.({ type: 'waiting', because: 'the creator has not admitted this account yet' });
    await pause(4 * pollMilliseconds, signal);
    return false;
  }
  throw new MisuseError({
    code: 'job.refused',
    expected: `the ledger to let ${signer.account} join job "${job.name}"`,
    found: `${outcome.refused}: ${outcome.found}`,
  });
}

/** One round's update, from training to commitment. False when it should be tried again. */
async function contribute(
  parameters: ParticipantParameters,
  view: JobView,
  round: number,
  absent: boolean,
): Promise<boolean> {
  const { store, outbox, onEvent } = parameters;
  const emit = (event: FederationEvent) => onEvent?.(event);
  const missed = (code: string, because: string) => {
    emit({ type: 'missed', round, code, because });
    return true;
  };
  try {
    const { state } = view;
    const kept = await readOutbox(parameters, state, round);
    if (kept !== undefined) emit({ type: 'resumed', round, commitment: addressOf(kept) });
    const bytes = kept ?? (await train(parameters, state, round));
    if (absent) return missed('rehearsal.absent', 'this absence was rehearsed');
    if (kept === undefined) await outbox.write(round, bytes);
    const started = performance.now();
    const { address } = await store.put(bytes);
    emit({ type: 'uploaded', round, bytes: bytes.length, seconds: (performance.now() - started) / 1000 });
    return await commit(parameters, view, round, address);
  } catch (cause) {
    if (parameters.signal.aborted) return false;
    if (!(cause instanceof NonetError)) throw cause;
    // A store out of reach, full or lying, or a model that is not there yet, may be right before the round closes.
    if (cause instanceof UndecidedError || /^(blob|store)\./.test(cause.code)) {
      emit({ type: 'waiting', because: cause.message });
      return false;
    }
    return missed(cause.code, cause.message);
  }
}

/** The message of an earlier attempt, if it is still the right one for this round. */
async function readOutbox(
  { outbox, signer, job, ledger }: ParticipantParameters,
  state: JobState,
  round: number,
): Promise<Uint8Array | undefined> {
  const bytes = await outbox.read(round);
  if (bytes === undefined) return undefined;
  const participant = state.participants.indexOf(signer.account);
  const outcome = verifyUpdate(bytes, expectationOf(state, round, participant, job.vector, domainOf(ledger)));
  return isUpdateRefusal(outcome) ? undefined : bytes;
}

async function train(
  { job, ledger, signer, store, trainer, signal, onEvent }: ParticipantParameters,
  state: JobState,
  round: number,
): Promise<Uint8Array> {
  const { model: address } = state.rounds[round]!;
  const participant = state.participants.indexOf(signer.account);
  const model = await store.get(address, { maximumBytes: maximumModelBytes(job.vector), signal });
  const start = decodeModel(model, job.vector);
  onEvent?.({ type: 'training', round });
  const started = performance.now();
  const result = await trainer.train({ model, round, participant, seed: job.seed, signal });
  const { examples, loss } = result;
  const seconds = (performance.now() - started) / 1000;
  onEvent?.({ type: 'trained', round, examples, loss, seconds });
  const trained = decodeModel(result.model, job.vector);
  assertSameTensors(start, trained);
  const entries = quantise(subtractParameters(trained.flat, start.flat), job.vector);
  return encodeUpdate(
    {
      job: state.terms.job,
      round,
      participant,
      model: address,
      examples: weightOf(examples, job.vector),
      entries,
    },
    crypto.getRandomValues(new Uint8Array(saltBytes)),
    domainOf(ledger),
    signer,
  );
}

function assertSameTensors(start: Model, trained: Model): void {
  const describe = ({ tensors }: Model) => JSON.stringify(tensors.map(({ name, shape }) => [name, shape]));
  if (describe(start) === describe(trained)) return;
  throw new NonetError({
    code: 'update.tensors',
    expected: `the trainer to return ${describe(start)}`,
    found: describe(trained),
  });
}

/** Commits once the round collects; false when it does not yet. */
async function commit(
  parameters: ParticipantParameters,
  view: JobView,
  round: number,
  commitment: Address,
): Promise<boolean> {
  const { signal, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  for (;;) {
    const seen = view.events.length;
    if (view.state.end !== undefined || view.state.rounds[round]?.phase !== 'open') break;
    await view.change(seen, pollMilliseconds);
    if (signal.aborted) return false;
  }
  const outcome = await submit(parameters, { type: 'commit', round, commitment });
  if (outcome === undefined) return false;
  if (!isRefusal(outcome)) onEvent?.({ type: 'committed', round, commitment, gas: outcome.gas });
  else if (outcome.refused !== 'Repeated') {
    onEvent?.({
      type: 'missed',
      round,
      code: outcome.refused,
      because: `${outcome.expected}, ${outcome.found}`,
    });
  }
  return true;
}

/** Shows the ledger a store's receipt for the committed bytes; storing them again, which changes nothing, yields it. */
async function appeal(parameters: ParticipantParameters, round: number): Promise<boolean> {
  const { store, outbox, onEvent } = parameters;
  const bytes = await outbox.read(round);
  if (bytes === undefined) return true;
  const stored = await outlast(parameters, () => store.put(bytes)).catch((cause: unknown) => {
    if (!(cause instanceof NonetError)) throw cause;
    onEvent?.({ type: 'waiting', because: cause.message });
    return undefined;
  });
  if (stored === undefined) return false;
  if (stored.receipt === undefined) return true;
  const outcome = await submit(parameters, { type: 'appeal', round, receipt: stored.receipt });
  if (outcome === undefined) return false;
  if (!isRefusal(outcome)) onEvent?.({ type: 'appealed', round });
  return true;
}

/** Takes the shares of all final rounds: wei. */
async function withdrawShares(parameters: ParticipantParameters, state: JobState): Promise<bigint> {
  const { signer, onEvent } = parameters;
  const participant = state.participants.indexOf(signer.account);
  const rounds = [...state.rounds.entries()]
    .filter(([, round]) => shareOf(state, round) > 0n && acceptedParticipants(round).includes(participant))
    .filter(([, round]) => !round.paid.includes(participant))
    .map(([number]) => number);
  if (rounds.length === 0) return 0n;
  const wei = owedTo(state, rounds, signer.account, 0);
  const outcome = await submit(parameters, { type: 'withdraw', rounds });
  if (outcome === undefined || isRefusal(outcome)) return 0n;
  onEvent?.({ type: 'withdrew', rounds, wei });
  return wei;
}
