/** Random games for the ledger's conformance: terms, and moves that are mostly possible and sometimes wrong on purpose. */
import fc from 'fast-check';
import type { Signer } from '../identity.ts';
import { isRefusal, type JobTerms, type Move } from '../ports/index.ts';
import { fresh, type Game, type LedgerRules, signReceipt } from './ledgerGame.ts';

const duration = fc.constantFrom(0, 0, 5, 30);
export const randomTerms: fc.Arbitrary<Partial<JobTerms>> = fc.record({
  rounds: fc.integer({ min: 1, max: 3 }),
  minimum: fc.integer({ min: 1, max: 2 }),
  maximum: fc.integer({ min: 2, max: 5 }),
  invited: fc.boolean(),
  phases: fc.record({
    open: duration,
    collecting: fc.constantFrom(10, 30),
    appealing: duration,
    complaining: duration,
    opening: duration,
    stepping: fc.constantFrom(10, 30),
  }),
  escrow: fc.constantFrom(0n, 10n, 1_000_003n),
  bond: fc.constantFrom(0n, 7n),
});

interface Turn {
  /** 0: a little; 1: past the deadline; else a move. */
  readonly wait: number;
  readonly type: number;
  readonly who: number;
  readonly which: number;
  /** Below 15: something wrong about the move on purpose. */
  readonly luck: number;
}

// Without fast-check's preference for small and large numbers: every choice is a remainder.
const number = fc.noBias(fc.nat({ max: 2 ** 20 }));
export const randomTurn: fc.Arbitrary<Turn> = fc.record({
  wait: fc.noBias(fc.nat({ max: 9 })),
  type: number,
  who: number,
  which: number,
  luck: fc.noBias(fc.nat({ max: 99 })),
});

export function chooseWait({ state }: Game, { wait, which }: Turn): number {
  if (wait === 0 || state.rounds.length === 0) return which % 7;
  return state.end === undefined ? 31 : [31, 86_401][which % 2]!;
}

type MoveType = Move['type'];
const likelyMoves: Readonly<Record<string, readonly MoveType[]>> = {
  none: ['join', 'join', 'open', 'admit'],
  open: ['advance', 'join'],
  collecting: ['commit', 'commit', 'commit', 'commit', 'close', 'advance', 'join'],
  appealing: ['appeal', 'appeal', 'advance'],
  complaining: ['advance'],
  opening: ['advance'],
  stepping: ['step', 'step', 'object', 'advance', 'open', 'withdraw'],
  final: ['open', 'withdraw', 'advance'],
  void: ['open', 'open', 'withdraw', 'advance'],
  ended: ['withdraw', 'advance'],
};
const allMoves: readonly MoveType[] = [
  'admit',
  'join',
  'open',
  'commit',
  'close',
  'appeal',
  'step',
  'object',
  'advance',
  'withdraw',
];

/** With luck, the first of six drawn moves that the rules accept; else just one. */
export function drawMove(game: Game, turn: Turn, { reduce }: LedgerRules, at: number): [Move, Signer] {
  const draw = (i: number) =>
    chooseMove(game, { ...turn, type: turn.type + i, who: turn.who + 7 * i, which: turn.which + 13 * i });
  if (turn.luck < 40) return draw(0);
  const drawn = [0, 1, 2, 3, 4, 5].map(draw);
  return drawn.find(([move, by]) => !isRefusal(reduce(game.state, move, by.account, at))) ?? drawn[0]!;
}

/** A move that fits the phase; with bad luck, any, or one that is wrong in some way. */
function chooseMove(game: Game, { type: choice, who, which, luck }: Turn): [Move, Signer] {
  const { state } = game;
  const last = state.rounds.at(-1);
  const pick = <T>(values: readonly T[], by = which): T => values[by % values.length]!;
  const situation = state.participants.length < 2 ? 'none' : (last?.phase ?? 'none');
  const likely = likelyMoves[state.end === undefined ? situation : 'ended']!;
  const type = luck < 10 ? pick(allMoves, choice) : pick(likely, choice);
  const spoilt = luck >= 10 && luck < 25;
  const everybody = [game.creator, game.aggregator, game.watcher, game.outsider, ...game.players];
  const by = (signer: Signer) => (spoilt && which % 3 === 0 ? pick(everybody, who) : signer);
  const active = game.players.filter(({ account }) => state.participants.includes(account));
  const joins = type === 'join' || active.length === 0;
  const player = pick(joins || spoilt ? game.players : active, who);
  const latest = Math.max(0, state.rounds.length - 1);
  const round = spoilt && which % 3 === 1 ? latest + (which % 2 === 0 ? 1 : -1) : latest;
  const safe = Math.max(0, round);
  const model = state.rounds.findLast(({ step }) => step !== undefined)?.step?.model ?? state.terms.model;
  const current = state.rounds[safe];
  const committed = Object.keys(current?.commitments ?? {}).map(Number);
  const some = (numbers: readonly number[]) => {
    const chosen = numbers.filter((_, i) => (which >> (2 * i)) % 4 === 0);
    return spoilt && which % 3 === 2 ? [...chosen, which % 7] : chosen;
  };
  switch (type) {
    case 'admit':
      return [
        { type, accounts: some([0, 1, 2, 3]).map((i) => game.accounts[i % game.accounts.length]!) },
        by(game.creator),
      ];
    case 'join':
      return state.terms.invited && !spoilt && !state.admitted.includes(player.account)
        ? [{ type: 'admit', accounts: [player.account] }, game.creator]
        : [{ type }, player];
    case 'open': {
      const next = spoilt && which % 3 === 1 ? safe : state.rounds.length;
      return [{ type, round: next, model: spoilt ? pick([fresh(), model], who) : model }, by(game.creator)];
    }
    case 'commit':
      return [{ type, round: safe, commitment: fresh() }, player];
    case 'close':
      return [{ type, round: safe, unavailable: some(committed) }, by(game.aggregator)];
    case 'appeal': {
      const appellant = pick(current?.unavailable.length ? current.unavailable : [0], who);
      const blob = current?.commitments[appellant] ?? fresh();
      const signer = game.players.find(({ account }) => account === state.participants[appellant]) ?? player;
      return [{ type, round: safe, receipt: signReceipt(by(game.store), blob, which) }, by(signer)];
    }
    case 'step': {
      const included = committed.filter((participant) => !current?.unavailable.includes(participant));
      return [{ type, round: safe, model: fresh(), refused: some(included) }, by(game.aggregator)];
    }
    case 'object': {
      const posted = current?.step?.model ?? fresh();
      // Rarely: an objection ends the game.
      return which % 4 === 0
        ? [
            { type, round: safe, model: spoilt ? posted : fresh(), refused: some(committed) },
            pick([player, game.watcher], who),
          ]
        : [{ type: 'withdraw', rounds: [safe] }, player];
    }
    case 'advance':
      return [{ type, round: pick([safe, safe, Math.max(0, safe - 1)], who) }, pick(everybody, who)];
    case 'withdraw': {
      const rounds = some(state.rounds.map((_, i) => i));
      return which % 2 === 0
        ? [{ type, rounds }, player]
        : [{ type, rounds: which % 8 === 1 ? [] : rounds }, by(game.creator)];
    }
  }
}
