/**
 * What a participant does in a job of masked updates (docs/specs/round.md §12, secagg.md): announces
 * keys for the next round, registers, masks its update and commits to it, and reveals its shares of
 * what the ledger's set asks for. It complains about members of the mask set whose registrations or
 * shares are wrong.
 *
 * Every secret is on this site's disk before anything that follows from it leaves, and is erased
 * once its round is over. A round's keys mask one message, and of a step one set is answered for, in
 * all attempts at it: what was sent is sent again byte for byte, and where the ledger shows another
 * set than was answered for, nothing is. Which set that was stays on the disk.
 */
import { type Content, contentOf, NonetError, toHex } from '@nonet/core';
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import {
  isRefusal,
  type JobState,
  type Masking,
  type Move,
  type PublicKeys,
  type Round,
  type StoreReceipt,
  type TimedPhase,
} from '@nonet/core/ports';
import type { MaskedArithmetic } from '@nonet/core/records';
import {
  candidateOf,
  createRegistration,
  createReveal,
  drawRoundSecrets,
  type Membership,
  maskVector,
  openRegistrations,
  type RoundSecrets,
} from '@nonet/privacy/secagg';
import { z } from 'zod';
import {
  aggregationRoundOf,
  encodeTrained,
  fetchRegistrations,
  fetchReveals,
  recoverRound,
} from '../masked/maskedRound.ts';
import { isNoiseShared } from '../privacy.ts';
import {
  canBeUnmasked,
  countSteps,
  includedParticipants,
  isOver,
  isPresentIn,
  latestRound,
  maskSet,
  numberOf,
  repeatedSet,
} from '../rules/state.ts';
import { isPassing, type JobView, workWhile } from './jobView.ts';
import {
  contributePrivately,
  type ParticipantParameters,
  rehearsedAbsence,
  trainModel,
} from './participation.ts';
import { chooseReceipts } from './receiptReader.ts';
import type { Releases } from './releases.ts';
import { createStepCheck, type StepVerdict } from './stepCheck.ts';

type MaskedRound = Round & { readonly masking: Masking };

const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** What a site keeps of one round, until the round is over. */
const keptSchema = z.strictObject({
  maskSecret: bytesSchema,
  sealSecret: bytesSchema,
  registration: bytesSchema.optional(),
  selfSeed: bytesSchema.optional(),
  /** For which mask set the message was made, and the message. */
  members: z.array(z.int()).readonly().optional(),
  message: bytesSchema.optional(),
  reveal: bytesSchema.optional(),
});
type Kept = Readonly<z.infer<typeof keptSchema>>;

/** What a site keeps of a whole job: of each step the set that it answered for. */
const answeredSchema = z.array(
  z.strictObject({ step: z.int(), included: z.array(z.int()).readonly() }).readonly(),
);
type Answered = Readonly<z.infer<typeof answeredSchema>>;

/** How long a registration that no store serves is waited for before it is complained about. */
const registrationShare = 0.5;

export interface MaskedPart {
  /** One thing that is due now; false if there is none. */
  act(state: JobState): Promise<boolean>;
  /** Erases what is kept of a job in which no round runs or opens any more. */
  end(state: JobState): Promise<void>;
}

/** The part of one participant, which has joined. */
export function createMaskedPart(
  parameters: ParticipantParameters,
  view: JobView,
  arithmetic: MaskedArithmetic,
  releases?: Releases,
): MaskedPart {
  const { outbox, store, signer, signal, onEvent, absences = [] } = parameters;
  const { dataset } = parameters;
  /** Rounds in which nothing more comes from here, but for shares. */
  const missed = new Set<number>();
  const unanswerable = new Set<number>();
  const accused = new Map<number, Set<number>>();
  const memberships = new Map<number, Membership>();
  /** By round: how many reveals there were when it was last looked for liars. */
  const looked = new Map<number, number>();
  const steps = createStepCheck(store, parameters.job, signal);
  let erased = 0;
  /** The round whose keys the ledger had from elsewhere, and has from here by now. */
  let announcedAnew = -1;
  let toldSpent = false;

  const miss = (round: number, code: string, because: string) => {
    missed.add(round);
    onEvent?.({ type: 'missed', round, code, because });
    return true;
  };

  async function act(state: JobState): Promise<boolean> {
    const own = numberOf(state, signer.account);
    const number = latestRound(state);
    const current = state.rounds[number] as MaskedRound | undefined;
    await eraseOver(state);
    try {
      if (current !== undefined && !isOver(current) && (await takePart(state, number, current, own)))
        return true;
      return (await isWithoutKeys(state, own)) ? await announce(state) : false;
    } catch (cause) {
      if (signal.aborted) return false;
      if (!(cause instanceof NonetError) || cause.code === 'outbox.malformed') throw cause;
      const { code, message } = cause;
      // A failure that stays is told once a round: tried again at once it would keep the role busy.
      if (!isPassing(cause) && number >= 0 && !missed.has(number)) return miss(number, code, message);
      onEvent?.({ type: 'waiting', because: message });
      return false;
    }
  }

  async function takePart(
    state: JobState,
    number: number,
    current: MaskedRound,
    own: number,
  ): Promise<boolean> {
    const { phase, masking, commitments } = current;
    const isMember = masking.registrations[own] !== undefined;
    if (phase === 'open' && !isMember && isPresentIn(state, number, own) && !missed.has(number)) {
      return register(state, number, current, own);
    }
    if (!isMember) return false;
    const { left } = state.participants[own]!;
    if (phase === 'collecting' && !left && commitments[own] === undefined && !missed.has(number)) {
      return contribute(state, number, current, own);
    }
    if (phase === 'appealing' && current.unavailable.includes(own)) return appeal(number);
    if (phase === 'opening' && masking.reveals[own] === undefined && !unanswerable.has(number)) {
      return reveal(state, number, current, own);
    }
    if (phase === 'opening' || phase === 'stepping') return accuseLiars(state, number, current, own);
    return false;
  }

  // Announcing

  /** Whether more rounds may come, and none of its keys is for the next. */
  async function isWithoutKeys(state: JobState, own: number): Promise<boolean> {
    const { left, announced } = state.participants[own]!;
    if (left || !mayGoOn(state) || (await isSpent(state, own))) return false;
    if (announced?.round === state.rounds.length) return isAnnouncedElsewhere(announced);
    const last = state.rounds.at(-1) as MaskedRound | undefined;
    const isCandidate = announced !== undefined && announced.round === state.rounds.length - 1;
    if (last === undefined || !isCandidate || isOver(last)) return true;
    // What is due comes first, and brings the next keys along.
    if (last.phase === 'open') return false;
    const isMember = last.masking.registrations[own] !== undefined;
    return !(last.phase === 'collecting' && isMember && last.commitments[own] === undefined);
  }

  /** Whether nothing more may leave for this job, which is said once. */
  async function isSpent(state: JobState, own: number): Promise<boolean> {
    const number = state.rounds.length;
    if (releases === undefined || releases.countLeft(state, own, number) > 0) return false;
    if (toldSpent) return true;
    toldSpent = true;
    await releases.assertRoom(state, own, number).catch((cause: NonetError) => {
      miss(number, cause.code, cause.message);
    });
    return true;
  }

  /**
   * Whether the ledger has keys whose secrets are not here: of an announcement that came after the
   * round that it was meant for had opened, or of a disk that is lost. Once a round, so that two
   * processes of one account do not outbid each other.
   */
  async function isAnnouncedElsewhere({ round, mask, seal }: PublicKeys & { round: number }) {
    if (announcedAnew === round) return false;
    announcedAnew = round;
    const kept = await read(round);
    return kept === undefined || !areKeysOf(kept, { mask, seal });
  }

  /** Fresh keys for the next round to open: their secrets are on disk before the move is sent. */
  async function nextKeys(round: number): Promise<Extract<Move, { type: 'announce' }>> {
    const kept = (await read(round)) ?? (await write(round, drawRoundSecrets()));
    const { maskKey, sealKey } = candidateOf(0, secretsOf(kept));
    return { type: 'announce', mask: toHex(maskKey), seal: toHex(sealKey) };
  }

  async function announce(state: JobState): Promise<boolean> {
    const outcome = await view.submit(await nextKeys(state.rounds.length));
    return outcome !== undefined && !isRefusal(outcome);
  }

  // Registering

  async function register(
    state: JobState,
    number: number,
    current: MaskedRound,
    own: number,
  ): Promise<boolean> {
    if ((await boundSets(state, number)).some((set) => !set.includes(own))) {
      return miss(number, 'secagg.repeated', 'shares of this step were asked for without this participant');
    }
    const kept = await read(number);
    if (kept === undefined || !areOurs(kept, current, own)) {
      return miss(number, 'secagg.keys', 'the secrets of the keys that were announced are not here');
    }
    let { registration } = kept;
    if (registration === undefined) {
      const round = aggregationRoundOf(state, number, current);
      const created = createRegistration(round, own, secretsOf(kept), dataset);
      registration = created.blob;
      await write(number, { ...kept, registration, selfSeed: created.selfSeed });
    }
    const content = contentOf(registration);
    const receipts = await publish(content, number, ['open']);
    const outcome = await view.submit({ type: 'register', round: number, blob: content.address, receipts });
    if (outcome === undefined) return false;
    if (isRefusal(outcome) && outcome.refused !== 'Repeated' && outcome.refused !== 'WrongPhase') {
      return miss(number, outcome.refused, `${outcome.expected}, ${outcome.found}`);
    }
    if (!isRefusal(outcome)) onEvent?.({ type: 'registered', round: number, bytes: registration.length });
    return true;
  }

  /** Puts a blob into the stores while the round is in one of these phases; its receipt set. */
  async function publish(
    content: Content,
    number: number,
    phases: readonly Round['phase'][],
  ): Promise<readonly StoreReceipt[]> {
    const isTime = ({ rounds }: JobState) => phases.includes(rounds[number]!.phase);
    const { receipts } = await workWhile(parameters, view, isTime, (signal) =>
      store.put(content, { signal }),
    );
    const set = chooseReceipts(view.state.terms, content.address, receipts);
    if (set !== undefined) return set;
    throw new NonetError({
      code: 'store.copies',
      expected: `receipts of ${view.state.terms.copies} listed stores for ${content.address}`,
      found: `${receipts.length} receipts`,
      hint: 'Are the stores of the job running, with the keys that the job names?',
    });
  }

  // Contributing

  async function contribute(
    state: JobState,
    number: number,
    current: MaskedRound,
    own: number,
  ): Promise<boolean> {
    const kept = await read(number);
    if (kept?.selfSeed === undefined) {
      return miss(number, 'secagg.keys', 'the secrets of its registration are not here');
    }
    const membership = await openMembership(state, number, current, own, kept);
    if (membership === undefined) return false;
    await complainOf(number, membership);
    if (absences.includes(current.step)) return miss(number, rehearsedAbsence, 'this absence was rehearsed');
    let { message, members } = kept;
    if (message === undefined) {
      await releases?.assertRoom(state, own, number);
      const vector = await createVector(own, number, current);
      // Another process of this account may have made one meanwhile: two would show their difference.
      ({ message, members } = (await read(number)) ?? kept);
      if (message === undefined) {
        message = maskVector(membership, kept.selfSeed, vector);
        members = membership.members;
        await write(number, { ...kept, members, message });
      }
    } else onEvent?.({ type: 'resumed', round: number, blob: contentOf(message).address });
    if (`${members}` !== `${membership.members}`) {
      return miss(number, 'secagg.members', 'the ledger shows another mask set than it did');
    }
    await releases?.charge(state, own, number, contentOf(message).address);
    return send(state, number, own, contentOf(message));
  }

  /** What is masked: an update by its weight, or what the trainer has added noise to. */
  async function createVector(
    own: number,
    number: number,
    current: MaskedRound,
  ): Promise<Int32Array<ArrayBuffer>> {
    if (arithmetic.kind === 'maskedSum' || isNoiseShared(parameters.job)) {
      return contributePrivately(parameters, own, number, current, arithmetic);
    }
    return encodeTrained(arithmetic, await trainModel(parameters, own, number, current));
  }

  async function send(state: JobState, number: number, own: number, content: Content): Promise<boolean> {
    const { address: blob, length: bytes } = content;
    const started = performance.now();
    const isTime = ({ rounds }: JobState) => rounds[number]!.phase === 'collecting';
    await workWhile(parameters, view, isTime, (signal) => store.put(content, { signal }));
    onEvent?.({ type: 'uploaded', round: number, bytes, seconds: (performance.now() - started) / 1000 });
    const commit: Move = { type: 'commit', round: number, blob, weight: 1 };
    const isLast = releases !== undefined && releases.countLeft(state, own, number) <= 1;
    const more = mayGoOn(state) && !isLast ? [await nextKeys(state.rounds.length)] : [];
    const outcome = await view.submit(commit, ...more);
    if (outcome === undefined) return false;
    if (!isRefusal(outcome)) onEvent?.({ type: 'committed', round: number, blob, gas: outcome.gas });
    else if (outcome.refused !== 'Repeated') {
      return miss(number, outcome.refused, `${outcome.expected}, ${outcome.found}`);
    }
    return true;
  }

  /**
   * What the mask set gave this participant; undefined while a registration cannot be read that may
   * still come.
   */
  async function openMembership(
    state: JobState,
    number: number,
    current: MaskedRound,
    own: number,
    kept: Kept,
  ): Promise<Membership | undefined> {
    const known = memberships.get(number);
    if (known !== undefined) return known;
    const registrations = await fetchRegistrations(store, current, { signal });
    const members = maskSet(current);
    if (registrations.size < members.length) {
      const unread = members.filter((member) => !registrations.has(member));
      const left = current.deadline - (await parameters.ledger.now());
      onEvent?.({ type: 'waiting', because: `the registrations of participants ${unread} cannot be read` });
      if (left > registrationShare * state.terms.phases[current.phase as TimedPhase]) return undefined;
    }
    const round = aggregationRoundOf(state, number, current);
    const read = new Map(registrations).set(own, kept.registration!);
    const opened = openRegistrations(round, own, secretsOf(kept), members, read);
    memberships.set(number, opened);
    return opened;
  }

  // Complaining

  /** It goes on all the same: only if most complain is the round in vain. */
  async function complainOf(number: number, { complaints }: Membership): Promise<void> {
    for (const { participant, reason } of complaints) {
      if (accused.get(number)?.has(participant)) continue;
      onEvent?.({
        type: 'waiting',
        because: `participant ${participant} registered what is wrong: ${reason}`,
      });
    }
    if (complaints.length > 0) {
      await complain(
        number,
        complaints.map(({ participant }) => participant),
      );
    }
  }

  /** Once about each; true, since nothing else is to be done about it. */
  async function complain(number: number, about: readonly number[]): Promise<boolean> {
    const before = accused.get(number) ?? new Set<number>();
    const fresh = about.filter((one) => !before.has(one));
    if (fresh.length === 0) return false;
    const outcome = await view.submit({ type: 'complain', round: number, accused: fresh });
    if (outcome === undefined) return false;
    accused.set(number, new Set([...before, ...fresh]));
    if (!isRefusal(outcome)) onEvent?.({ type: 'complained', round: number, accused: fresh });
    return true;
  }

  /**
   * Once enough have revealed their shares and no step has come of them, whoever is seen to have
   * published what is wrong is complained about.
   */
  async function accuseLiars(
    state: JobState,
    number: number,
    current: MaskedRound,
    own: number,
  ): Promise<boolean> {
    if (!canBeUnmasked(current)) return false;
    const { phases } = state.terms;
    const left = current.deadline - (await parameters.ledger.now());
    if (current.phase === 'opening' && left > registrationShare * phases.opening) return false;
    const { revealed } = current.masking;
    if (looked.get(number) === revealed.length) return false;
    const registrations = await fetchRegistrations(store, current, { signal });
    if (registrations.size < maskSet(current).length) return false;
    const reveals = await fetchReveals(store, current, { signal });
    if (reveals.size === revealed.length) looked.set(number, revealed.length);
    const recovery = recoverRound(state, number, { registrations, reveals });
    if (recovery.outcome === 'recovered') return false;
    const lies = recovery.outcome === 'liars' ? recovery.lies : [];
    const liars = new Set([...lies, ...recovery.faults].map(({ participant }) => participant));
    liars.delete(own);
    return complain(
      number,
      [...liars].sort((a, b) => a - b),
    );
  }

  // Revealing

  async function reveal(
    state: JobState,
    number: number,
    current: MaskedRound,
    own: number,
  ): Promise<boolean> {
    const kept = await read(number);
    if (kept?.registration === undefined) {
      unanswerable.add(number);
      return false;
    }
    const included = includedParticipants(current);
    const other = (await boundSets(state, number)).find((set) => `${set}` !== `${included}`);
    if (other !== undefined) {
      unanswerable.add(number);
      const because = `shares of this step were asked for participants ${other}, and are now for ${included}`;
      return miss(number, 'secagg.repeated', because);
    }
    let { reveal: answer } = kept;
    if (answer === undefined) {
      const verdict = await checkSteps(state, number);
      if (verdict === 'unread') return false;
      if (verdict === 'wrong') {
        unanswerable.add(number);
        return miss(number, 'secagg.model', 'the model of this round is not what the rounds before it make');
      }
      const membership = await openMembership(state, number, current, own, kept);
      if (membership === undefined) return false;
      answer = createReveal(membership, included);
      await rememberAnswer(current.step, included);
      await write(number, { ...kept, reveal: answer });
    }
    const content = contentOf(answer);
    const receipts = await publish(content, number, ['opening']);
    const outcome = await view.submit({ type: 'reveal', round: number, blob: content.address, receipts });
    if (outcome === undefined) return false;
    if (!isRefusal(outcome)) onEvent?.({ type: 'revealed', round: number, bytes: answer.length });
    return true;
  }

  /**
   * What is told of an update trained on a made-up model could be what that model was made for; noise
   * bounds it whatever the model is.
   */
  async function checkSteps(state: JobState, number: number): Promise<StepVerdict> {
    if (releases !== undefined) return 'right';
    const verdict = await steps.judge(state, number);
    if (verdict === 'unread') {
      onEvent?.({ type: 'waiting', because: 'the step that this round builds on cannot be recomputed yet' });
    }
    return verdict;
  }

  /**
   * Sets of which this step may be answered for, if any may: of the first attempt that asked for
   * shares, as the ledger has it now, and what was answered here, whatever history it had then.
   */
  async function boundSets(state: JobState, number: number): Promise<(readonly number[])[]> {
    const { step } = state.rounds[number]!;
    const own = (await readAnswered()).find((answer) => answer.step === step);
    const first = repeatedSet(state, number);
    return [...(first === undefined ? [] : [first]), ...(own === undefined ? [] : [own.included])];
  }

  /** Durable before the first byte of the answer leaves; once a step. */
  async function rememberAnswer(step: number, included: readonly number[]): Promise<void> {
    const answered = await readAnswered();
    if (answered.some((answer) => answer.step === step)) return;
    await outbox.write('answered', encodeCanonical([...answered, { step, included }]));
  }

  async function appeal(number: number): Promise<boolean> {
    const message = (await read(number))?.message;
    if (message === undefined || missed.has(number)) return false;
    const receipts = await publish(contentOf(message), number, ['appealing']);
    const outcome = await view.submit({ type: 'appeal', round: number, receipts });
    if (outcome === undefined) return false;
    if (isRefusal(outcome)) return miss(number, outcome.refused, `${outcome.expected}, ${outcome.found}`);
    onEvent?.({ type: 'appealed', round: number });
    return true;
  }

  // Keeping

  async function read(number: number): Promise<Kept | undefined> {
    const bytes = await outbox.read(number);
    const without = 'Without that file the site is away for the rest of the round.';
    return bytes && decodeKept(keptSchema, bytes, `round ${number + 1}`, without);
  }

  async function readAnswered(): Promise<Answered> {
    const bytes = await outbox.read('answered');
    const without = 'Without that file the site could answer a step twice: put it back.';
    if (bytes === undefined) return [];
    return decodeKept(answeredSchema, bytes, 'the sets that it answered for', without);
  }

  async function write(number: number, kept: Kept): Promise<Kept> {
    const entries = Object.entries(kept).filter(([, value]) => value !== undefined);
    await outbox.write(number, encodeCanonical(Object.fromEntries(entries)));
    return kept;
  }

  /** Secrets of rounds that are over are of no more use, except to who should not have them. */
  async function eraseOver({ rounds }: JobState): Promise<void> {
    for (; erased < rounds.length && isOver(rounds[erased]!); erased++) {
      await outbox.erase(erased);
      memberships.delete(erased);
      looked.delete(erased);
      accused.delete(erased);
    }
  }

  /** Keys that were announced for a round that never opens, besides. */
  async function end(state: JobState): Promise<void> {
    await eraseOver(state);
    await outbox.erase(state.rounds.length);
  }

  return { act, end };
}

/** Whether there will be another round, if the running one makes its step. */
function mayGoOn(state: JobState): boolean {
  const last = state.rounds[latestRound(state)];
  const running = last !== undefined && last.posted === undefined && !isOver(last);
  return countSteps(state) + (running ? 1 : 0) < state.terms.rounds && !state.ended;
}

/** Throws `outbox.malformed`. */
function decodeKept<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string, without: string): T {
  try {
    return schema.parse(decodeCanonical(bytes));
  } catch (cause) {
    throw new NonetError({
      code: 'outbox.malformed',
      expected: `what this site has kept of ${what}`,
      found: `${bytes.length} bytes that are something else`,
      hint: `Look at the disk. ${without}`,
      cause,
    });
  }
}

function secretsOf({ maskSecret, sealSecret }: Kept): RoundSecrets {
  return { maskSecret, sealSecret };
}

/** Whether the keys that the ledger has of this participant are those of these secrets. */
function areOurs(kept: Kept, { masking }: MaskedRound, own: number): boolean {
  return areKeysOf(kept, masking.keys[own]!);
}

function areKeysOf(kept: Kept, { mask, seal }: PublicKeys): boolean {
  const { maskKey, sealKey } = candidateOf(0, secretsOf(kept));
  const isSame = (hex: string, bytes: Uint8Array) => hex === toHex(bytes);
  return isSame(mask, maskKey) && isSame(seal, sealKey);
}
