/** Lies that are shown to the ledger leaf by leaf (docs/specs/round.md §8). */
import { describe, expect, it } from 'vitest';
import type { Signer } from '../../identity.ts';
import { type Address, addressOf, contentLeafBytes } from '../../index.ts';
import {
  type Lie,
  type Move,
  type RefusedUpdate,
  type ShownLeaf,
  type UpdateRefusalCode,
  updateRefusalCodes,
} from '../../ports/index.ts';
import { alterLie } from './alterations.ts';
import { averageModel, encodeModel, entriesOf, leafOfEntry, rule, showLeaf } from './blobs.ts';
import { fresh, type Game, type TermsChange, type UpdateFields } from './game.ts';
import type { Suite } from './suite.ts';

/** What a participant sends instead of the right update. */
interface Sent {
  /** Bytes of a changed message, which is not signed. */
  readonly alter?: (right: Uint8Array) => Uint8Array;
  /** A changed message, signed by the participant. */
  readonly change?: (right: UpdateFields) => Partial<UpdateFields>;
  readonly signer?: (game: Game) => Signer;
  readonly weight?: number;
  /** Whether the last 32 bits of what is committed to are those of no blob. */
  readonly isCut?: boolean;
}

interface PostedParameters {
  readonly terms?: TermsChange;
  /** How many take part. Default 3. */
  readonly players?: number;
  readonly sent?: Readonly<Record<number, Sent>>;
  readonly start?: Float32Array;
  readonly refused?: readonly RefusedUpdate[];
  /** Whether the turn passes before the step, so that another posts it than closed. */
  readonly turnPasses?: boolean;
  /** What is posted instead of the right model. */
  readonly post?: (right: Uint8Array<ArrayBuffer>) => Uint8Array;
}

/** A job whose first step is posted, and the blobs that it rests on. */
interface Posted {
  readonly game: Game;
  readonly start: Uint8Array;
  readonly next: Uint8Array;
  readonly updates: readonly Uint8Array[];
  readonly accepted: readonly number[];
}

const usualStart = Float32Array.from({ length: rule.entries }, (_, i) => i / 8 - 3);

export function testProofs({ start: startJob, fixture, rules }: Suite): void {
  async function post(parameters: PostedParameters = {}): Promise<Posted> {
    const { players = 3, sent = {}, refused = [] } = parameters;
    const start = encodeModel(parameters.start ?? usualStart);
    const game = await startJob({ bond: 9n, rounds: 2, model: addressOf(start), ...parameters.terms });
    await game.stake(game.aggregators[0], game.aggregators[1]);
    await game.join(players);
    await game.open(0);
    const updates: Uint8Array[] = [];
    for (let participant = 0; participant < players; participant++) {
      const update = await makeUpdate(game, participant, sent[participant] ?? {});
      updates.push(update);
      const { weight = 1 + participant, isCut = false } = sent[participant] ?? {};
      const whole = addressOf(update);
      const blob = isCut ? (`${whole.slice(0, -8)}00000000` as Address) : whole;
      const commit: Move = { type: 'commit', round: 0, blob, weight };
      await game.accepted(commit, game.players[participant]!);
    }
    await game.close(0);
    const isRefused = (participant: number) => refused.some((one) => one.participant === participant);
    const accepted = updates.map((_, participant) => participant).filter((one) => !isRefused(one));
    const right = averageModel(
      start,
      accepted.map((participant) => ({
        weight: game.round(0).commitments[participant]!.weight,
        entries: padded(updates[participant]!),
      })),
    );
    const next = parameters.post?.(right) ?? right;
    if (parameters.turnPasses === true) await game.advance(0);
    await game.step(0, { model: addressOf(next), refused });
    return { game, start, next, updates, accepted };
  }

  async function makeUpdate(game: Game, participant: number, { alter, change, signer }: Sent) {
    const { ledger } = fixture();
    const right: UpdateFields = {
      job: game.job,
      step: game.round(0).step,
      participant,
      model: game.round(0).model,
      dataset: fresh(),
      entries: Int32Array.from(
        { length: rule.entries },
        (_, i) => (i % 2 === 0 ? 1 : -1) * (1000 * i + 7 * participant + 2 ** 22),
      ),
    };
    const message = await rules.encodeUpdate(
      { ...right, ...change?.(right) },
      new Uint8Array(32).fill(participant),
      { chainId: ledger.chainId, verifyingContract: ledger.contract },
      signer?.(game) ?? game.players[participant]!,
    );
    return alter?.(message) ?? message;
  }

  const prove = (lie: Lie): Move => ({ type: 'prove', round: 0, lie });

  /** The lie is refused with any part altered, then accepted. */
  async function expectShown({ game }: Posted, lie: Lie): Promise<void> {
    await expectAlteredRefused(game, lie);
    await game.accepted(prove(lie), game.outsider);
    expect(game.state.aggregators[0]!.status).toBe('struck');
    expect(game.round(0)).toMatchObject({
      phase: 'void',
      failure: { reason: 'proven', culprit: game.aggregators[0].account, by: game.outsider.account, lie },
    });
  }

  async function expectAlteredRefused(game: Game, lie: Lie): Promise<void> {
    const altered = alterLie(lie).map(([what, other]) => [what, prove(other)] as const);
    await game.refusedEach('WrongProof', altered, game.outsider);
  }

  const expectNotShown = ({ game }: Posted, lie: Lie) =>
    game.refused('WrongProof', prove(lie), game.outsider);

  const headerOf = ({ start, next }: Posted, index: number): Lie => ({
    kind: 'header',
    index,
    start: showLeaf(start, index),
    next: showLeaf(next, index),
  });

  const averageOf = ({ start, next, updates, accepted }: Posted, entry: number): Lie => ({
    kind: 'average',
    entry,
    start: showLeaf(start, rule.headerLeaves + leafOfEntry(entry)),
    next: showLeaf(next, rule.headerLeaves + leafOfEntry(entry)),
    terms: accepted.map((participant) => showLeaf(updates[participant]!, 1 + leafOfEntry(entry))),
  });

  const acceptedLie = (
    { updates }: Posted,
    participant: number,
    reason: UpdateRefusalCode,
    entry = 0,
  ): Lie => ({
    kind: 'accepted',
    participant,
    reason,
    entry,
    shown: showLeaf(updates[participant]!, reason === 'OutOfRange' ? 1 + leafOfEntry(entry) : 0),
  });

  /** A posted number that is not the right one. */
  const withNumber =
    (entry: number, change: (right: number) => number) =>
    (right: Uint8Array): Uint8Array => {
      const next = right.slice();
      const view = new DataView(next.buffer);
      const offset = contentLeafBytes * rule.headerLeaves + 4 * entry;
      view.setFloat32(offset, change(view.getFloat32(offset, true)), true);
      return next;
    };

  /** The number that comes next in f32. */
  const neighbour = (value: number) => {
    const bits = new Int32Array(Float32Array.of(value).buffer);
    bits[0]! += 1;
    return new Float32Array(bits.buffer)[0]!;
  };

  const withByte = (at: number, value: number) => (right: Uint8Array) => {
    const changed = right.slice();
    changed[at] = value;
    return changed;
  };

  describe('a lie about the header (§8.2)', () => {
    it.each([0, 256, 511])('shows in byte %i', async (at) => {
      const posted = await post({ post: withByte(at, 0x21) });
      const index = Math.floor(at / contentLeafBytes);
      await expectNotShown(posted, headerOf(posted, 1 - index));
      await expectShown(posted, headerOf(posted, index));
    });

    it('shows in another length, by any leaf that both have', async () => {
      for (const index of [0, 2, 3]) {
        const posted = await post({ post: (right) => new Uint8Array([...right, 0]) });
        await expectNotShown(posted, averageOf(posted, 65));
        await expectShown(posted, headerOf(posted, index));
      }
    });

    it('is none where only numbers differ, as they have to', async () => {
      const posted = await post();
      for (const index of [0, 1, 2, 3]) await expectNotShown(posted, headerOf(posted, index));
    });
  });

  describe('a lie about the average (§8.3)', () => {
    it.each([0, 63, 64, rule.entries - 1])('shows in number %i, by the last bit', async (entry) => {
      const posted = await post({ post: withNumber(entry, neighbour) });
      await expectNotShown(posted, averageOf(posted, entry === 0 ? 1 : entry - 1));
      await expectShown(posted, averageOf(posted, entry));
    });

    it('shows over the accepted updates only, by the weights on the ledger', async () => {
      const wrong = { participant: 1, reason: 'WrongSigner', entry: 0 } as const;
      const posted = await post({
        sent: { 1: { signer: ({ outsider }) => outsider }, 2: { weight: 9 } },
        refused: [wrong],
        post: withNumber(4, neighbour),
      });
      await expectShown(posted, averageOf(posted, 4));
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
      'shows in %f',
      async (value) => {
        const posted = await post({ post: withNumber(5, () => value) });
        await game(posted).accepted(prove(averageOf(posted, 5)), game(posted).outsider);
      },
    );

    it('shows in -0 in place of 0', async () => {
      const zero = { change: () => ({ entries: new Int32Array(rule.entries) }) };
      const start = usualStart.with(7, 0);
      const sent = { 0: zero, 1: zero, 2: zero };
      const right = await post({ start, sent });
      await expectNotShown(right, averageOf(right, 7));
      const posted = await post({ start, sent, post: withNumber(7, () => -0) });
      await game(posted).accepted(prove(averageOf(posted, 7)), game(posted).outsider);
    });

    it('shows in any number where the right one is not finite', async () => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const posted = await post({ start: usualStart.with(3, value) });
        await game(posted).accepted(prove(averageOf(posted, 3)), game(posted).outsider);
      }
    });

    it('is none in the right step', async () => {
      const posted = await post();
      for (const entry of [0, 1, 64, 65]) await expectNotShown(posted, averageOf(posted, entry));
      const beyond = averageOf(posted, 65) as Extract<Lie, { kind: 'average' }>;
      await expectNotShown(posted, { ...beyond, entry: rule.entries });
    });

    it('cannot be shown of a number that the posted model cuts off, which is a lie about the header', async () => {
      const posted = await post({ post: (right) => right.subarray(0, -2) });
      await expectNotShown(posted, averageOf(posted, 65));
      await expectShown(posted, headerOf(posted, 3));
    });

    it('is not judged where a sum is beyond exact doubles: then an update is wrong', async () => {
      const [low, high] = [-(2 ** 31), 2 ** 31 - 1];
      for (const [first, second, shown] of [
        // -2^53, and 2^53 = 2^22 (2^31 - 1) + 2^22.
        [low, 0, false],
        [low, 1, true],
        [high, 2 ** 22, false],
        [high, 2 ** 22 - 1, true],
      ] as const) {
        const entries = (value: number) => new Int32Array(rule.entries).fill(value);
        const posted = await post({
          terms: { maximumWeight: 2 ** 22 },
          players: 2,
          sent: {
            0: { weight: 2 ** 22, change: () => ({ entries: entries(first) }) },
            1: { weight: 1, change: () => ({ entries: entries(second) }) },
          },
          post: withNumber(2, neighbour),
        });
        if (shown) await game(posted).accepted(prove(averageOf(posted, 2)), game(posted).outsider);
        else await expectNotShown(posted, averageOf(posted, 2));
      }
    });

    it('cannot be shown with an update of another length, which is a lie by itself', async () => {
      const posted = await post({
        sent: { 2: { change: ({ entries }) => ({ entries: Int32Array.of(...entries, 0) }) } },
        post: withNumber(2, neighbour),
      });
      await expectNotShown(posted, averageOf(posted, 2));
      await expectShown(posted, acceptedLie(posted, 2, 'WrongLength'));
    });

    it('shows leaves of the one blob with the committed 224 bits, whatever the others are', async () => {
      const sent = { 1: { isCut: true } };
      const wrong = await post({ sent, post: withNumber(2, neighbour) });
      await game(wrong).accepted(prove(averageOf(wrong, 2)), game(wrong).outsider);
      const faulty = await post({ sent: { 1: { isCut: true, alter: withByte(0, 0) } } });
      await game(faulty).accepted(prove(acceptedLie(faulty, 1, 'Malformed')), game(faulty).outsider);
    });
  });

  const wrongUpdates: [UpdateRefusalCode, string, Sent, entry?: number][] = [
    [
      'WrongLength',
      'an entry more',
      { change: ({ entries }) => ({ entries: Int32Array.of(...entries, 0) }) },
    ],
    ['WrongLength', 'nothing', { alter: () => new Uint8Array() }],
    ['Malformed', 'another first byte', { alter: withByte(0, 0) }],
    ['Malformed', 'another version', { alter: withByte(15, 2) }],
    ['Malformed', 'something in the first reserved byte', { alter: withByte(217, 1) }],
    ['Malformed', 'something in the last reserved byte', { alter: withByte(255, 1) }],
    ['WrongJob', 'another job', { change: () => ({ job: fresh() }) }],
    ['WrongStep', 'another step', { change: () => ({ step: 1 }) }],
    ['WrongParticipant', "another's", { change: () => ({ participant: 0 }) }],
    ['WrongModel', 'another model', { change: () => ({ model: fresh() }) }],
    ['WrongSigner', 'another signer', { signer: ({ outsider }) => outsider }],
    ['WrongSigner', 'changed after signing', { alter: withByte(300, 0xaa) }],
    ['WrongSigner', 'another v', { alter: (right) => withByte(216, right[216]! ^ 7)(right) }],
    ['OutOfRange', 'above', { change: ({ entries }) => ({ entries: entries.with(65, 2 ** 23 + 1) }) }, 65],
    ['OutOfRange', 'below', { change: ({ entries }) => ({ entries: entries.with(3, -(2 ** 23) - 1) }) }, 3],
  ];
  /** Reasons that the leaf shows as well: what is said wrongly was not signed either. */
  const alsoTrue = (reason: UpdateRefusalCode): readonly UpdateRefusalCode[] =>
    reason === 'WrongLength' || reason === 'OutOfRange' ? [reason] : [reason, 'WrongSigner'];

  describe('an accepted update that had to be refused (§8.5)', () => {
    it.each(wrongUpdates)('%s: %s', async (reason, _, sent, entry = 0) => {
      const posted = await post({ sent: { 1: sent } });
      for (const other of updateRefusalCodes) {
        if (!alsoTrue(reason).includes(other) && posted.updates[1]!.length > 0) {
          await expectNotShown(posted, acceptedLie(posted, 1, other));
        }
      }
      await expectShown(posted, acceptedLie(posted, 1, reason, entry));
    });

    it('is none where the update is right, or not accepted', async () => {
      const within = { change: () => ({ entries: new Int32Array(rule.entries).fill(2 ** 23) }) };
      const below = { change: () => ({ entries: new Int32Array(rule.entries).fill(-(2 ** 23)) }) };
      const wrong: Sent = { change: () => ({ model: fresh() }) };
      const posted = await post({
        players: 4,
        sent: { 0: within, 1: below, 3: wrong },
        refused: [{ participant: 3, reason: 'WrongModel', entry: 0 }],
      });
      for (const reason of updateRefusalCodes) {
        await expectNotShown(posted, acceptedLie(posted, 0, reason));
        await expectNotShown(posted, acceptedLie(posted, 1, reason, 65));
      }
      await expectNotShown(posted, acceptedLie(posted, 3, 'WrongModel'));
      for (const participant of [4, 9999]) {
        const lie = acceptedLie(posted, 3, 'WrongModel') as Extract<Lie, { kind: 'accepted' }>;
        await expectNotShown(posted, { ...lie, participant });
      }
    });

    it('has no entry beyond the last', async () => {
      const posted = await post({
        sent: { 1: { change: ({ entries }) => ({ entries: entries.with(65, 2 ** 24) }) } },
      });
      const lie = acceptedLie(posted, 1, 'OutOfRange', 65) as Extract<Lie, { kind: 'accepted' }>;
      await expectNotShown(posted, { ...lie, entry: rule.entries });
      const long = await post({
        sent: { 1: { change: ({ entries }) => ({ entries: Int32Array.of(...entries, 2 ** 24) }) } },
      });
      const length = acceptedLie(long, 1, 'WrongLength') as Extract<Lie, { kind: 'accepted' }>;
      await expectNotShown(long, { ...length, entry: rule.entries });
      await expectNotShown(long, acceptedLie(long, 1, 'OutOfRange', 65));
    });
  });

  describe('a refusal that is false (§8.6)', () => {
    const refusedLie = ({ game, updates }: Posted, participant: number): Lie => {
      const one = game.round(0).posted!.refused.find((other) => other.participant === participant)!;
      const leaf = one.reason === 'OutOfRange' ? 1 + leafOfEntry(one.entry) : 0;
      return { kind: 'refused', participant, shown: showLeaf(updates[participant]!, leaf) };
    };

    it.each(updateRefusalCodes)('%s', async (reason) => {
      const entry = reason === 'OutOfRange' ? 65 : 0;
      const posted = await post({ refused: [{ participant: 2, reason, entry }] });
      await expectShown(posted, refusedLie(posted, 2));
    });

    it.each(wrongUpdates)('is none where it is true: %s, %s', async (reason, _, sent, entry = 0) => {
      const posted = await post({
        players: 4,
        sent: { 1: sent },
        refused: [
          { participant: 1, reason, entry },
          { participant: 3, reason: 'WrongJob', entry: 0 },
        ],
      });
      await expectNotShown(posted, refusedLie(posted, 1));
      // Of another participant, or in another leaf, it shows nothing.
      const { shown } = refusedLie(posted, 3) as Extract<Lie, { kind: 'refused' }>;
      for (const participant of [0, 1, 4])
        await expectNotShown(posted, { kind: 'refused', participant, shown });
      await expectNotShown(posted, {
        kind: 'refused',
        participant: 3,
        shown: showLeaf(posted.updates[3]!, 1),
      });
    });

    it('is one where the update is wrong in another way', async () => {
      const posted = await post({
        sent: { 1: { change: ({ entries }) => ({ entries: entries.with(3, 2 ** 24) }) } },
        refused: [{ participant: 1, reason: 'OutOfRange', entry: 4 }],
      });
      await expectShown(posted, refusedLie(posted, 1));
    });
  });

  describe('a lie about partial sums (§8.4)', () => {
    it('is none where there are none, whatever is shown', async () => {
      const posted = await post();
      const nothing: ShownLeaf = { length: 0, leaf: '0x', path: [] };
      const malformed: ShownLeaf = { length: 2 ** 41, leaf: '0x', path: [] };
      for (const sum of [nothing, malformed, showLeaf(posted.next, 0)]) {
        await expectNotShown(posted, { kind: 'group', group: 0, entry: 0, sum, terms: [] });
      }
    });
  });

  describe('who is proven wrong (§8.8)', () => {
    it('is shown while the step can be objected to, and a rule says what is right', async () => {
      const posted = await post({ post: withByte(0, 0) });
      const lie = headerOf(posted, 0);
      await game(posted).refused('WrongRound', { type: 'prove', round: 1, lie }, game(posted).outsider);
      await game(posted).passDeadline(0);
      await game(posted).accepted(prove(lie), game(posted).outsider);
      const late = await post({ post: withByte(0, 0) });
      await game(late).advance(0);
      await game(late).refused('WrongPhase', prove(headerOf(late, 0)), game(late).outsider);
      const unjudged = await post({ terms: { judged: false }, post: withByte(0, 0) });
      await expectNotShown(unjudged, headerOf(unjudged, 0));
      await expectNotShown(unjudged, acceptedLie(unjudged, 0, 'WrongLength'));
    });

    it('is not shown before the step', async () => {
      const game = await startJob();
      await game.join(2);
      await game.open(0);
      await game.commit(0, 0, 1);
      await game.close(0);
      const shown: ShownLeaf = { length: 0, leaf: '0x', path: [] };
      await game.refused('WrongPhase', prove({ kind: 'refused', participant: 0, shown }), game.outsider);
      await game.refused(
        'WrongPhase',
        prove({ kind: 'header', index: 0, start: shown, next: shown }),
        game.outsider,
      );
    });

    it('loses the bond once; later rounds are void; the job goes on from the last right step', async () => {
      const posted = await post({ terms: { rounds: 4 } });
      const { game, next } = posted;
      const [first, second] = game.aggregators;
      // Two more steps by the same aggregator, and a round that is collecting; the second step is
      // wrong.
      const wrong = withByte(0, 0)(next);
      await game.open(1);
      await game.commit(1, 0, 1, 2);
      await game.close(1);
      await game.step(1, { model: addressOf(wrong) });
      const worse = withByte(1, 0)(wrong);
      await game.open(2);
      await game.commit(2, 0, 1, 2);
      await game.close(2);
      await game.step(2, { model: addressOf(worse) });
      await game.open(3);
      await game.commit(3, 0);
      const lieOf = (before: Uint8Array, after: Uint8Array): Lie => ({
        kind: 'header',
        index: 0,
        start: showLeaf(before, 0),
        next: showLeaf(after, 0),
      });
      await game.accepted({ type: 'prove', round: 2, lie: lieOf(wrong, worse) }, game.watcher);
      expect(game.state.rounds.map(({ phase }) => phase)).toEqual(['objecting', 'objecting', 'void', 'void']);
      expect(game.round(3).failure).toEqual({ reason: 'built', on: 2 });
      expect(game.state).toMatchObject({
        lead: 1,
        failures: 0,
        burnt: 4n,
        rewards: { [game.watcher.account]: 5n },
      });
      // The second proof finds no bond.
      await game.accepted({ type: 'prove', round: 1, lie: lieOf(next, wrong) }, game.outsider);
      expect(game.state.rounds.map(({ phase }) => phase)).toEqual(['objecting', 'void', 'void', 'void']);
      // What was void stays so for its own reason.
      expect(game.round(2).failure).toMatchObject({ reason: 'proven' });
      expect(game.state).toMatchObject({ lead: 1, burnt: 4n, rewards: { [game.watcher.account]: 5n } });
      expect(game.state.rewards[game.outsider.account]).toBeUndefined();
      await game.refused('WrongRole', { type: 'open', round: 4, model: addressOf(next) }, first);
      await game.refused('Repeated', { type: 'stake' }, first);
      await game.refused('WrongModel', { type: 'open', round: 4, model: addressOf(wrong) }, second);
      await game.accepted({ type: 'open', round: 4, model: addressOf(next) }, second);
      expect(game.round(4)).toMatchObject({ step: 1, model: addressOf(next) });
      expect(await game.withdraw([], game.watcher)).toBe(5n);
      expect(game.state.rewards[game.watcher.account]).toBeUndefined();
    });

    it('adds up what a prover earns', async () => {
      const posted = await post({ post: withByte(0, 0), terms: { bond: 7n } });
      const { game, start } = posted;
      await game.accepted(prove(headerOf(posted, 0)), game.outsider);
      await game.open(1);
      await game.commit(1, 0, 1);
      await game.close(1);
      const next = withByte(3, 1)(start);
      await game.step(1, { model: addressOf(next) });
      const lie: Lie = { kind: 'header', index: 0, start: showLeaf(start, 0), next: showLeaf(next, 0) };
      await game.accepted({ type: 'prove', round: 1, lie }, game.outsider);
      expect(game.state).toMatchObject({ burnt: 6n, rewards: { [game.outsider.account]: 8n } });
      expect(game.state.aggregators.map(({ status }) => status)).toEqual(['struck', 'struck']);
      const open: Move = { type: 'open', round: 2, model: game.terms.model };
      await game.refused('NoAggregator', open, game.creator);
    });

    it('is who posted the step, not who closed', async () => {
      const posted = await post({ post: withByte(0, 0), turnPasses: true });
      const { game } = posted;
      await game.accepted(prove(headerOf(posted, 0)), game.outsider);
      expect(game.state.aggregators.map(({ status }) => status)).toEqual(['standing', 'struck']);
      expect(game.round(0).failure).toMatchObject({ culprit: game.aggregators[1].account });
      expect(game.state.lead).toBe(0);
    });

    it('leads no more, and whoever leads already goes on', async () => {
      const aggregators = (await startJob()).aggregators.map(({ account }) => account);
      const posted = await post({ post: withByte(0, 0), terms: { rounds: 4, aggregators } });
      const { game } = posted;
      await game.stake(game.aggregators[2]);
      await game.open(1);
      await game.commit(1, 0, 1);
      await game.advance(1);
      await game.advance(1);
      expect(game.state.lead).toBe(1);
      await game.accepted(prove(headerOf(posted, 0)), game.outsider);
      expect(game.state.lead).toBe(1);
    });
  });

  const game = (posted: Posted): Game => posted.game;
}

/** Entries for the twin's average, whatever the length of the message. */
function padded(update: Uint8Array): number[] {
  const whole = new Uint8Array(contentLeafBytes + 4 * rule.entries);
  whole.set(update.subarray(0, whole.length));
  return entriesOf(whole);
}
