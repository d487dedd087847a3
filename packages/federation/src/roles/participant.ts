/**
 * The role of a participant: checks the job, joins, and in each round trains on its own data, puts
 * a salted and signed update into the job's stores, and commits to it on the ledger; appeals with
 * receipts when its update is called unavailable; takes its share at the end. It makes outbound
 * connections only.
 *
 * A killed participant that is started again goes on where it was: its number, its rounds and its
 * commitments are on the ledger, and an update that may have left is sent again byte for byte from
 * the outbox. So is that of a step which has to be repeated.
 *
 * Nothing here hides an update from who reads the stores (docs/specs/update.md §6).
 */
import { type Address, type Content, contentOf, MisuseError, NonetError, pause } from '@nonet/core';
import { isRefusal, type JobState, jobIdOf, type Round, type StoreReceipt } from '@nonet/core/ports';
import { fixedPointOf, isMasked } from '@nonet/core/records';
import { finalModel, numberOf, takesPart } from '../rules/state.ts';
import { assertDelivered, assertPolicy } from '../site/sitePolicy.ts';
import { quantise, weightOf } from '../update/fixedPoint.ts';
import { domainOf, encodeUpdate, saltBytes, verifyUpdate } from '../update/message.ts';
import { expectedUpdate, isUpdateRefusal } from '../update/step.ts';
import type { FederationEvent } from './events.ts';
import {
  defaultPollMilliseconds,
  endOf,
  followJob,
  isPassing,
  type JobView,
  type RoleOutcome,
  withdrawOwed,
  workWhile,
} from './jobView.ts';
import { createMaskedPart } from './maskedParticipant.ts';
import { type ParticipantParameters, rehearsedAbsence, trainModel } from './participation.ts';
import { chooseReceipts } from './receiptReader.ts';
import { createReleases, type Releases } from './releases.ts';

/** How the job ended for a participant. */
export interface ParticipantResult {
  /** Its number; undefined if it never joined. */
  readonly participant: number | undefined;
  readonly outcome: RoleOutcome;
  /** Rounds with a commitment of this participant. */
  readonly committed: readonly number[];
  /** Wei received by this call. */
  readonly withdrawn: bigint;
}

/**
 * Takes part until the job is complete or over, or the signal aborts. Throws `policy.refused`,
 * `job.guarantee` and what `assertDelivered` throws, `budget.none`, `budget.spent`, `job.unknown`, `job.terms`, `job.refused` (the ledger does not let this account in); a round that
 * cannot be taken part in is an event, not an error.
 */
export async function runParticipant(parameters: ParticipantParameters): Promise<ParticipantResult> {
  const { job, signer, signal, onEvent, sitePolicy = {} } = parameters;
  const { pollMilliseconds = defaultPollMilliseconds, absences = [] } = parameters;
  assertPolicy(job, sitePolicy);
  assertDelivered(job);
  const releases = createReleases(parameters);
  const view = await followJob(parameters);
  /** Rounds that need nothing more from here, unless an appeal. */
  const done = new Set<number>();
  const appealed = new Set<number>();
  const part = isMasked(job.arithmetic)
    ? createMaskedPart(parameters, view, job.arithmetic, releases)
    : undefined;
  let withdrawn = 0n;
  let [joined, announced] = [false, false];
  const result = (outcome: RoleOutcome): ParticipantResult => {
    const { state } = view;
    const participant = numberOf(state, signer.account);
    return {
      participant: participant < 0 ? undefined : participant,
      outcome,
      committed: state.rounds.flatMap(({ commitments }, round) =>
        commitments[participant] === undefined ? [] : [round],
      ),
      withdrawn,
    };
  };

  while (!signal.aborted) {
    const seen = view.events.length;
    const { state } = view;
    const participant = numberOf(state, signer.account);
    const outcome = await endOf(parameters, state);
    if (outcome !== undefined) {
      await part?.end(state);
      withdrawn += await withdrawOwed(parameters, view);
      onEvent?.(outcome === 'complete' ? { type: 'complete', model: finalModel(state) } : { type: 'over' });
      return result(outcome);
    }
    if (participant < 0) {
      // Once it is through, the move that says so is on its way here.
      if (!joined) {
        await releases?.assertJoinable();
        joined = await join(parameters, view);
      }
    } else if (!announced) {
      announced = true;
      onEvent?.({ type: 'joined', participant });
    }
    if (part !== undefined) {
      if (participant >= 0 && (await part.act(state))) continue;
      await view.change(seen, pollMilliseconds);
      continue;
    }
    const round = state.rounds.length - 1;
    const current = state.rounds[round];
    if (current !== undefined && takesPart(state, current, signer.account)) {
      if (current.phase === 'appealing' && current.unavailable.includes(participant)) {
        if (!appealed.has(round) && (await appeal(parameters, view, round, current))) appealed.add(round);
      }
      const collecting = current.phase === 'open' || current.phase === 'collecting';
      const due = !state.participants[participant]!.left && current.commitments[participant] === undefined;
      if (collecting && due && !done.has(round)) {
        const absent = absences.includes(current.step);
        if (await contribute(parameters, view, round, absent, releases)) done.add(round);
      }
    }
    await view.change(seen, pollMilliseconds);
  }
  return result('aborted');
}

/** Whether this account takes part now; false when that has to wait. */
async function join(parameters: ParticipantParameters, view: JobView): Promise<boolean> {
  const { job, signer, signal, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  const outcome = await view.submit({ type: 'join' });
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
  releases: Releases | undefined,
): Promise<boolean> {
  const { store, outbox, job, signal, onEvent } = parameters;
  const emit = (event: FederationEvent) => onEvent?.(event);
  const missed = (code: string, because: string) => {
    emit({ type: 'missed', round, code, because });
    return true;
  };
  try {
    const { state } = view;
    const current = state.rounds[round]!;
    const kept = await readOutbox(parameters, state, current);
    const own = numberOf(state, parameters.signer.account);
    if (kept !== undefined) emit({ type: 'resumed', round, blob: kept.message.address });
    else await releases?.assertRoom(state, own, round);
    const { message, examples } = kept ?? (await train(parameters, state, round, current));
    if (absent) return missed(rehearsedAbsence, 'this absence was rehearsed');
    if (kept === undefined) await outbox.write(current.step, withExamples(message.bytes, examples));
    await releases?.charge(state, own, round, message.address);
    const started = performance.now();
    const { address } = await workWhile(
      parameters,
      view,
      ({ rounds }) => ['open', 'collecting'].includes(rounds[round]!.phase),
      (signal) => store.put(message, { signal }),
    );
    emit({ type: 'uploaded', round, bytes: message.length, seconds: (performance.now() - started) / 1000 });
    return await commit(parameters, view, round, address, weightOf(examples, fixedPointOf(job)));
  } catch (cause) {
    if (signal.aborted) return false;
    if (!(cause instanceof NonetError)) throw cause;
    if (cause.code === 'round.passed') return missed(cause.code, 'the round closed before it was uploaded');
    // A store out of reach, full or lying, or a model that is not there yet, may be right before
    // the round closes.
    if (isPassing(cause) && cause.code !== 'model.malformed') {
      emit({ type: 'waiting', because: cause.message });
      return false;
    }
    return missed(cause.code, cause.message);
  }
}

interface Trained {
  readonly message: Content;
  readonly examples: number;
}

/**
 * What the outbox holds: the number of examples (u32, big-endian), which the ledger is told, and
 * the message.
 */
function withExamples(bytes: Uint8Array, examples: number): Uint8Array {
  const kept = new Uint8Array(4 + bytes.length);
  new DataView(kept.buffer).setUint32(0, examples);
  kept.set(bytes, 4);
  return kept;
}

/** The message of an earlier attempt, if it is still the right one for this step. */
async function readOutbox(
  { outbox, signer, job }: ParticipantParameters,
  state: JobState,
  round: Round,
): Promise<Trained | undefined> {
  const kept = await outbox.read(round.step);
  if (kept === undefined || kept.length < 4) return undefined;
  const message = contentOf(kept.slice(4));
  const participant = numberOf(state, signer.account);
  const outcome = verifyUpdate(message, expectedUpdate(state, round, participant, fixedPointOf(job)));
  if (isUpdateRefusal(outcome)) return undefined;
  return { message, examples: new DataView(kept.buffer, kept.byteOffset).getUint32(0) };
}

async function train(
  parameters: ParticipantParameters,
  state: JobState,
  round: number,
  current: Round,
): Promise<Trained> {
  const { job, ledger, signer, dataset } = parameters;
  const arithmetic = fixedPointOf(job);
  const { model, step } = current;
  const participant = numberOf(state, signer.account);
  const { moved, examples } = await trainModel(parameters, participant, round, current);
  const entries = quantise(moved, arithmetic);
  const update = { job: jobIdOf(state.terms), step, participant, model, dataset, entries };
  const salt = crypto.getRandomValues(new Uint8Array(saltBytes));
  return { message: await encodeUpdate(update, salt, domainOf(ledger), signer), examples };
}

/** Commits once the round collects; false when it does not yet. */
async function commit(
  parameters: ParticipantParameters,
  view: JobView,
  round: number,
  blob: Address,
  weight: number,
): Promise<boolean> {
  const { signal, onEvent, pollMilliseconds = defaultPollMilliseconds } = parameters;
  for (;;) {
    const seen = view.events.length;
    if (view.state.rounds[round]?.phase !== 'open') break;
    await view.change(seen, pollMilliseconds);
    if (signal.aborted) return false;
  }
  const outcome = await view.submit({ type: 'commit', round, blob, weight });
  if (outcome === undefined) return false;
  if (!isRefusal(outcome)) onEvent?.({ type: 'committed', round, blob, gas: outcome.gas });
  else if (outcome.refused !== 'Repeated') {
    const because = `${outcome.expected}, ${outcome.found}`;
    onEvent?.({ type: 'missed', round, code: outcome.refused, because });
  }
  return true;
}

/**
 * Shows the ledger the receipts of what it committed to, which is stored again where too few have
 * it.
 */
async function appeal(
  parameters: ParticipantParameters,
  view: JobView,
  round: number,
  current: Round,
): Promise<boolean> {
  const { store, outbox, signal, onEvent } = parameters;
  const kept = await outbox.read(current.step);
  if (kept === undefined) return true;
  const message = contentOf(kept.slice(4));
  const { address } = message;
  const choose = (receipts: readonly StoreReceipt[]) => chooseReceipts(view.state.terms, address, receipts);
  const isAppealing = ({ rounds }: JobState) => rounds[round]!.phase === 'appealing';
  try {
    const set = await workWhile(parameters, view, isAppealing, async (signal) => {
      const found = await store.receipts(address, { signal }).catch((cause: unknown) => {
        if (!isPassing(cause)) throw cause;
        return [];
      });
      return choose(found) ?? choose((await store.put(message, { signal })).receipts);
    });
    if (set === undefined) return false;
    const outcome = await view.submit({ type: 'appeal', round, receipts: set });
    if (outcome === undefined) return false;
    if (!isRefusal(outcome)) onEvent?.({ type: 'appealed', round });
    return true;
  } catch (cause) {
    if (signal.aborted) return false;
    if (!isPassing(cause)) throw cause;
    onEvent?.({ type: 'waiting', because: cause.message });
    return false;
  }
}
