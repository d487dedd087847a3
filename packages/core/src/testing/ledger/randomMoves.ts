/**
 * Random games for the conformance of ledgers: terms, and moves that are mostly possible and
 * sometimes wrong on purpose. Updates and models are real blobs, so that some steps are lies that
 * can be shown.
 */
import fc from 'fast-check';
import type { Signer } from '../../identity.ts';
import { type Address, addressOf } from '../../index.ts';
import {
  isRefusal,
  type JobState,
  type Lie,
  type Move,
  type RefusedUpdate,
  type Round,
  updateRefusalCodes,
} from '../../ports/index.ts';
import { averageModel, encodeModel, entriesOf, leafOfEntry, rule, showLeaf, signReceipts } from './blobs.ts';
import { fresh, type Game, type LedgerFixture, type LedgerRules, type TermsChange } from './game.ts';

const duration = fc.constantFrom(0, 0, 5, 30);
const randomTerms = fc.record({
  rounds: fc.integer({ min: 1, max: 3 }),
  minParticipants: fc.integer({ min: 1, max: 2 }),
  maxParticipants: fc.integer({ min: 2, max: 5 }),
  invited: fc.boolean(),
  phases: fc.record({
    open: duration,
    collecting: fc.constantFrom(10, 30),
    closing: fc.constantFrom(0, 10),
    appealing: fc.constantFrom(0, 5, 20),
    complaining: duration,
    opening: duration,
    stepping: fc.constantFrom(5, 30),
    objecting: fc.constantFrom(10, 30),
  }),
  grace: fc.constantFrom(0, 3, 40),
  attempts: fc.integer({ min: 2, max: 9 }),
  copies: fc.integer({ min: 1, max: 3 }),
  judged: fc.constantFrom(true, true, true, false),
  escrow: fc.constantFrom(0n, 10n, 1_000_003n),
  bond: fc.constantFrom(0n, 7n, 7n),
  /** In percent; undefined where updates are clear. */
  masked: fc.constantFrom(undefined, undefined, 50, 66),
});

/** The same of a job of masked updates, if it is to be one. */
function maskTerms({
  masked: threshold,
  ...terms
}: typeof randomTerms extends fc.Arbitrary<infer T> ? T : never): TermsChange {
  if (threshold === undefined) return terms;
  const { phases, maxParticipants } = terms;
  return {
    ...terms,
    judged: false,
    masks: { entries: rule.entries, threshold },
    maximumWeight: 1,
    minParticipants: 3,
    maxParticipants: maxParticipants + 2,
    phases: {
      ...phases,
      open: phases.open + 10,
      appealing: phases.appealing + 5,
      opening: phases.opening + 10,
    },
  };
}

interface Turn {
  /** 0: a little; 1: past the deadline; else a move. */
  readonly wait: number;
  readonly type: number;
  readonly who: number;
  readonly which: number;
  /** Below 25: something wrong about the move on purpose. */
  readonly luck: number;
}

// Without fast-check's preference for small and large numbers: every choice is a remainder.
const number = fc.noBias(fc.nat({ max: 2 ** 20 }));
const randomTurn: fc.Arbitrary<Turn> = fc.record({
  wait: fc.noBias(fc.nat({ max: 9 })),
  type: number,
  who: number,
  which: number,
  luck: fc.noBias(fc.nat({ max: 99 })),
});

/** Terms, how many aggregators of three are listed, and the turns. */
export const randomGame: fc.Arbitrary<[TermsChange, number, Turn[]]> = fc.tuple(
  randomTerms.map(maskTerms),
  fc.integer({ min: 1, max: 3 }),
  fc.array(randomTurn, { minLength: 100, maxLength: 160 }),
);

/** Seconds to wait before the next move, or undefined where a move is to be made. */
export function chooseWait({ state }: Game, { wait, which }: Turn, at: number): number | undefined {
  const last = state.rounds[latestRound(state)];
  // Where there is little else to do, more often.
  const waits = ['open', 'appealing', 'complaining', 'opening'].includes(last?.phase ?? 'final') ? 5 : 1;
  if (wait > waits) return undefined;
  if (wait === 0 || last === undefined) return which % 7;
  if (last.phase === 'final' || last.phase === 'void') return which % 5 === 0 ? 86_401 : 31;
  return Math.max(0, last.deadline - at) + (which % 2);
}

/** Of the round that has neither posted nor is void, or else the last: an earlier one may be sent back. */
function latestRound({ rounds }: JobState): number {
  const running = rounds.findIndex(({ posted, phase }) => posted === undefined && phase !== 'void');
  return running < 0 ? rounds.length - 1 : running;
}

type MoveType = Move['type'];
const likelyMoves: Readonly<Record<string, readonly MoveType[]>> = {
  none: ['join', 'join', 'stake', 'stake', 'open', 'admit'],
  open: ['advance', 'advance', 'advance', 'join', 'leave'],
  collecting: [
    'commit',
    'commit',
    'commit',
    'commit',
    'commit',
    'close',
    'close',
    'advance',
    'join',
    'leave',
  ],
  closing: ['close', 'close', 'advance', 'stake'],
  appealing: ['appeal', 'advance', 'advance'],
  complaining: ['advance', 'advance', 'demand', 'answer'],
  opening: ['advance', 'advance', 'demand', 'answer'],
  stepping: ['step', 'step', 'step', 'advance', 'demand', 'answer', 'prove'],
  objecting: ['open', 'open', 'prove', 'prove', 'prove', 'prove', 'advance', 'object', 'demand', 'answer'],
  final: ['open', 'open', 'withdraw', 'advance', 'join'],
  void: ['open', 'open', 'open', 'join', 'join', 'stake', 'withdraw'],
  ended: ['withdraw', 'withdraw', 'advance', 'commit', 'close', 'step'],
};
/** What is likely besides, where updates are masked: instead of what follows, as often. */
const likelyMaskedMoves: typeof likelyMoves = {
  none: ['join', 'join', 'stake', 'announce', 'announce', 'open'],
  open: ['register', 'register', 'register', 'register', 'register', 'advance', 'leave', 'announce'],
  collecting: ['commit', 'commit', 'commit', 'commit', 'close', 'advance', 'announce', 'complain', 'leave'],
  opening: ['reveal', 'reveal', 'reveal', 'reveal', 'step', 'complain', 'announce', 'advance', 'demand'],
  objecting: ['announce', 'announce', 'announce', 'open', 'advance', 'object', 'join'],
  final: ['announce', 'announce', 'announce', 'open', 'join', 'withdraw'],
  void: ['announce', 'announce', 'announce', 'announce', 'open', 'open', 'join', 'stake'],
};
const allMoves: readonly MoveType[] = [
  'announce',
  'register',
  'complain',
  'reveal',
  'stake',
  'admit',
  'join',
  'leave',
  'end',
  'open',
  'commit',
  'close',
  'appeal',
  'step',
  'prove',
  'demand',
  'answer',
  'object',
  'advance',
  'withdraw',
];

/** Bytes of every blob in a random game that has any. */
export type Bytes = Map<Address, Uint8Array>;

/** The initial model of a random game. */
export const initialModel = encodeModel(Float32Array.from({ length: rule.entries }, (_, i) => i - 30));

/** With luck, the first of six drawn moves that the rules accept; else just one. */
export async function drawMove(
  game: Game,
  bytes: Bytes,
  turn: Turn,
  rules: LedgerRules,
  { ledger }: LedgerFixture,
): Promise<[Move, Signer]> {
  const at = await ledger.now();
  for (let i = 0; ; i++) {
    const { type, who, which } = turn;
    const drawn = await chooseMove(
      game,
      bytes,
      { ...turn, type: type + i, who: who + 7 * i, which: which + 13 * i },
      rules,
      { chainId: ledger.chainId, verifyingContract: ledger.contract },
    );
    const [move, by] = drawn;
    if (i === 5 || turn.luck < 30 || !isRefusal(rules.reduce(game.state, move, by.account, at))) return drawn;
  }
}

/** A move that fits the phase; with bad luck, any, or one that is wrong in some way. */
async function chooseMove(
  game: Game,
  bytes: Bytes,
  turn: Turn,
  rules: LedgerRules,
  domain: { chainId: number; verifyingContract: `0x${string}` },
): Promise<[Move, Signer]> {
  const { state, terms } = game;
  const { type: choice, who, which, luck } = turn;
  const pick = <T>(values: readonly T[], by = which): T => values[by % values.length]!;
  const latest = latestRound(state);
  const last = state.rounds[latest];
  const present = state.participants.filter(({ left }) => !left).length;
  const begins = last === undefined && (present < terms.minParticipants || which % 5 === 0);
  const failed = state.failures >= terms.attempts && last?.phase === 'void';
  const situation = state.ended || failed ? 'ended' : begins ? 'none' : (last?.phase ?? 'final');
  const likely = (terms.masks && likelyMaskedMoves[situation]) ?? likelyMoves[situation]!;
  const type = luck < 10 ? pick(allMoves, choice) : pick(likely, choice);
  const spoilt = luck >= 10 && luck < 25;
  const aggregators = game.aggregators.slice(0, terms.aggregators.length);
  const everybody = [game.creator, ...game.aggregators, game.watcher, game.outsider, ...game.players];
  const by = (signer: Signer) => (spoilt && which % 3 === 0 ? pick(everybody, who) : signer);
  const active = game.players.filter(({ account }) =>
    state.participants.some((participant) => participant.account === account),
  );
  const player = pick(type === 'join' || spoilt || active.length === 0 ? game.players : active, who);
  // Proofs, demands and deadlines also of the round before.
  const earlier = ['prove', 'object', 'demand', 'answer', 'advance'].includes(type) && who % 2 === 0 ? 1 : 0;
  const shift = spoilt && which % 3 === 1 ? (which % 2 === 0 ? 1 : -1) : -earlier;
  const round = Math.max(0, latest + shift);
  const current = state.rounds[round];
  const committed = Object.keys(current?.commitments ?? {}).map(Number);
  const included = committed.filter((participant) => !current?.unavailable.includes(participant));
  const some = (numbers: readonly number[], one = 4) => {
    const chosen = numbers.filter((_, i) => (which >> (2 * i)) % one === 0);
    return spoilt && which % 3 === 2 ? [...chosen, which % 7] : chosen;
  };
  const bytesOf = spoilt || terms.masks === undefined ? undefined : 4 * terms.masks.entries;
  const receiptsFor = (blob: Address) =>
    signReceipts(game.stores.slice(0, terms.copies), spoilt && which % 5 === 0 ? fresh() : blob, bytesOf);
  const registered = Object.keys(current?.masking?.registrations ?? {}).map(Number);
  switch (type) {
    case 'stake':
      return [{ type }, by(pick(aggregators, who))];
    case 'admit':
      return [{ type, accounts: some([0, 1, 2, 3]).map((i) => pick(game.accounts, i)) }, by(game.creator)];
    case 'join':
      return terms.invited && !spoilt && !state.admitted.includes(player.account)
        ? [{ type: 'admit', accounts: [player.account] }, game.creator]
        : [{ type }, player];
    case 'leave':
      return which % 5 === 0 ? [{ type }, player] : [{ type: 'advance', round }, player];
    case 'end':
      // Rarely: it ends the game.
      return which % 4 === 0 ? [{ type }, by(game.creator)] : [{ type: 'join' }, player];
    case 'open': {
      const next = spoilt && which % 3 === 1 ? round : state.rounds.length;
      const posted = state.rounds.findLast((other) => other.posted !== undefined && other.phase !== 'void');
      const model = posted?.posted?.model ?? terms.model;
      return [{ type, round: next, model: spoilt ? pick([fresh(), model], who) : model }, by(game.creator)];
    }
    case 'announce':
      return [{ type, mask: fresh(), seal: fresh() }, player];
    case 'register':
    case 'reveal': {
      const blob = fresh();
      return [{ type, round, blob, receipts: await receiptsFor(blob) }, player];
    }
    case 'complain':
      return [
        { type, round, accused: [pick(registered.length > 0 && !spoilt ? registered : [0, 1, 2])] },
        player,
      ];
    case 'commit': {
      const blob = await prepareUpdate(game, bytes, current, player, turn, rules, domain);
      const weight = terms.masks !== undefined && !spoilt ? 1 : 1 + (which % (spoilt ? 12 : 10));
      return [{ type, round, blob, weight }, player];
    }
    case 'close': {
      const seen = committed.length + (spoilt && which % 4 === 1 ? 1 : 0);
      return [{ type, round, committed: seen, unavailable: some(committed) }, by(game.lead())];
    }
    case 'appeal': {
      const appellant = pick(current?.unavailable.length ? current.unavailable : [0], who);
      const receipts = await receiptsFor(current?.commitments[appellant]?.blob ?? fresh());
      return [{ type, round, receipts }, by(signerOf(game, appellant) ?? player)];
    }
    case 'step': {
      const refused = some(terms.masks === undefined || spoilt ? included : [], 6).map((participant) =>
        refusalOf(bytes, current, participant, which),
      );
      const model = prepareModel(bytes, current, included, refused, which);
      return [{ type, round, model, refused, receipts: await receiptsFor(model) }, by(game.lead())];
    }
    case 'prove':
      return [{ type, round, lie: chooseLie(bytes, current, turn) }, pick(everybody, who)];
    case 'demand': {
      const participant = pick(included.length > 0 ? included : [0], who);
      return [{ type, round, participant }, by(pick([game.watcher, player, pick(aggregators, who)]))];
    }
    case 'answer': {
      const open = Object.keys(current?.demands ?? {}).map(Number);
      const participant = pick(open.length > 0 && !spoilt ? open : [0, 1, 2], who);
      const receipts = await receiptsFor(current?.commitments[participant]?.blob ?? fresh());
      return [{ type, round, participant, receipts }, pick(everybody, who)];
    }
    case 'object': {
      const posted = current?.posted?.model ?? fresh();
      const refused = some(committed);
      return [{ type, round, model: spoilt ? posted : fresh(), refused }, pick([player, game.watcher], who)];
    }
    case 'advance':
      return [{ type, round }, pick(everybody, who)];
    case 'withdraw': {
      const rounds = some([...state.rounds.keys()], 2);
      return [{ type, rounds: which % 4 === 0 ? [] : rounds }, pick([player, player, ...everybody], who)];
    }
  }
}

function signerOf(game: Game, participant: number): Signer | undefined {
  const account = game.state.participants[participant]?.account;
  return game.players.find((player) => player.account === account);
}

/** A message, which is wrong in some way now and then, or an address of nothing. */
async function prepareUpdate(
  game: Game,
  bytes: Bytes,
  round: Round | undefined,
  by: Signer,
  { which, who }: Turn,
  rules: LedgerRules,
  domain: { chainId: number; verifyingContract: `0x${string}` },
): Promise<Address> {
  const participant = game.state.participants.findIndex(({ account }) => account === by.account);
  if (round === undefined || participant < 0 || which % 8 === 0) return fresh();
  const entries = Int32Array.from(
    { length: rule.entries },
    (_, i) => ((which * (i + 1)) % 2 ** 23) - 2 ** 22,
  );
  if (who % 7 === 0) entries[which % rule.entries] = 2 ** 23 + 1;
  const update = {
    job: game.job,
    step: who % 7 === 1 ? round.step + 1 : round.step,
    participant,
    model: who % 7 === 2 ? fresh() : round.model,
    dataset: fresh(),
    entries,
  };
  const signer = who % 7 === 3 ? game.outsider : by;
  const message = await rules.encodeUpdate(update, new Uint8Array(32), domain, signer);
  const blob = addressOf(message);
  bytes.set(blob, message);
  return blob;
}

/** A refusal with a reason that may be true. */
function refusalOf(
  bytes: Bytes,
  round: Round | undefined,
  participant: number,
  which: number,
): RefusedUpdate {
  const message = bytes.get(round?.commitments[participant]?.blob ?? fresh());
  const entry = message === undefined ? -1 : entriesOf(message).findIndex((value) => value > 2 ** 23);
  if (entry >= 0) return { participant, reason: 'OutOfRange', entry };
  return { participant, reason: updateRefusalCodes[which % 7]!, entry: 0 };
}

/** The model that follows, or one that differs in a number or the header. */
function prepareModel(
  bytes: Bytes,
  round: Round | undefined,
  included: readonly number[],
  refused: readonly RefusedUpdate[],
  which: number,
): Address {
  const start = round && bytes.get(round.model);
  if (start === undefined) return fresh();
  const accepted = included.filter((one) => !refused.some(({ participant }) => participant === one));
  const contributions = accepted.flatMap((participant) => {
    const { blob, weight } = round!.commitments[participant]!;
    const message = bytes.get(blob);
    return message === undefined ? [] : [{ weight, entries: entriesOf(message) }];
  });
  if (contributions.length === 0) return fresh();
  const next = averageModel(start, contributions);
  if (which % 3 === 0) next[which % next.length]! ^= 1 + (which % 255);
  const model = addressOf(next);
  bytes.set(model, next);
  return model;
}

/** A lie of some kind, made of the leaves that there are. */
function chooseLie(bytes: Bytes, round: Round | undefined, { which, who }: Turn): Lie {
  const participants = Object.keys(round?.commitments ?? {}).map(Number);
  const participant = participants[who % Math.max(1, participants.length)] ?? 0;
  const silence: Lie = { kind: 'silence', participant };
  const posted = round?.posted;
  const [start, next] = [bytes.get(round?.model ?? fresh()), bytes.get(posted?.model ?? fresh())];
  if (posted === undefined || start === undefined || next === undefined) return silence;
  const entry = which % rule.entries;
  const message = bytes.get(round!.commitments[participant]?.blob ?? fresh());
  const refused = posted.refused.find((one) => one.participant === participant);
  switch ((which >> 3) % 5) {
    case 0: {
      const index = which % rule.headerLeaves;
      return { kind: 'header', index, start: showLeaf(start, index), next: showLeaf(next, index) };
    }
    case 1:
    case 2: {
      const leaf = rule.headerLeaves + leafOfEntry(entry);
      // A number that differs, if there is one, and every update can be shown.
      const terms = participants
        .filter((one) => !round!.unavailable.includes(one))
        .filter((one) => !posted.refused.some((other) => other.participant === one))
        .flatMap((one) => bytes.get(round!.commitments[one]!.blob) ?? [])
        .map((update) => showLeaf(update, 1 + leafOfEntry(entry)));
      return { kind: 'average', entry, start: showLeaf(start, leaf), next: showLeaf(next, leaf), terms };
    }
    case 3: {
      if (message === undefined) return silence;
      if (refused !== undefined) {
        const leaf = refused.reason === 'OutOfRange' ? 1 + leafOfEntry(refused.entry) : 0;
        return { kind: 'refused', participant, shown: showLeaf(message, leaf) };
      }
      const wrong = entriesOf(message).findIndex((value) => value > 2 ** 23);
      if (wrong >= 0) {
        const shown = showLeaf(message, 1 + leafOfEntry(wrong));
        return { kind: 'accepted', participant, reason: 'OutOfRange', entry: wrong, shown };
      }
      const reason = updateRefusalCodes[which % 7]!;
      return { kind: 'accepted', participant, reason, entry: 0, shown: showLeaf(message, 0) };
    }
    default:
      return silence;
  }
}
