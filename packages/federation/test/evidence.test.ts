/** Evidence of whole runs: it verifies, says what happened, and no field of it can be changed. */
import { addressOf, utf8 } from '@nonet/core';
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import type { BlobStore, Ledger, LedgerEvent, RefusedUpdate } from '@nonet/core/ports';
import {
  createReceipt,
  exitCodeOf,
  type Receipt,
  receiptView,
  type Verdict,
  verifyReceipt,
} from '@nonet/core/receipt';
import { createFigures, type Evidence, readFigure, termsOf } from '@nonet/core/records';
import { beforeAll, describe, expect, test } from 'vitest';
import { federationFigures } from '../src/figures.ts';
import { assertReplayable, encodeLedgerRecord } from '../src/verify/ledgerRecord.ts';
import { narrateTraining } from '../src/verify/narrator.ts';
import { encodeEvaluation } from '../src/verify/recompute.ts';
import { createFederationVerifiers, federationVerifiers } from '../src/verify/verifiers.ts';
import { createRun, type HandIn, key, type Run, recordsOf, type StepChange } from './runBuilder.ts';

type Gathered = Awaited<ReturnType<Run['gather']>>;

/** The outcome of the one record that was changed: its code, or 'accepted'. */
async function verdictOf(
  receipt: Receipt,
  blobs: BlobStore,
  i: number,
  change: (record: Evidence) => Evidence,
) {
  const changed = change(receipt.evidence[i]!);
  const { check } = changed;
  if (check.how !== 'here') return 'not checked';
  try {
    await federationVerifiers[check.verifier]!(changed, blobs, receipt);
    return 'accepted';
  } catch (cause) {
    return (cause as { code?: string }).code ?? String(cause);
  }
}

const failuresIn = (verdicts: readonly Verdict[]) =>
  verdicts.flatMap((verdict) => (verdict.status === 'failed' ? [verdict.code] : []));

async function verdictsOf({ receipt }: Gathered, { blobs }: Pick<Run, 'blobs'>) {
  return verifyReceipt(receipt, federationVerifiers, { blobs });
}

const edits: Readonly<Record<string, (record: Evidence) => Evidence>> = {
  kind: (record) => ({ ...record, kind: 'proof' }) as Evidence,
  sentence: (record) => ({ ...record, sentence: `${record.sentence} It is certain.` }),
  cells: (record) => ({ ...record, cells: [...record.cells, 'privacy-security'] }),
  mechanism: (record) => ({ ...record, mechanism: 'federation.secret' }),
  figures: (record) => {
    const [name, figure] = Object.entries(record.figures).at(-1)!;
    const [value, max] = [figure.value + 1, figure.max + 1];
    return { ...record, figures: { ...record.figures, [name]: { ...figure, value, max } } };
  },
  'a further figure': (record) => ({
    ...record,
    figures: { ...record.figures, proven: { value: 1, unit: '', min: 1, max: 1, n: 1 } },
  }),
  inputs: (record) =>
    record.check.how === 'here'
      ? { ...record, check: { ...record.check, inputs: [...record.check.inputs, addressOf(utf8('more'))] } }
      : record,
  artefact: (record) => ({ ...record, artefact: addressOf(utf8('another')) }),
  grade: (record) => ({ ...record, grade: 3 }) as Evidence,
  'a source that vouches for it': (record) => ({
    ...record,
    origin: { type: 'source', source: 'an authority', pin: '1', interest: 'independent' },
  }),
};

describe('the program of a receipt', () => {
  let run: Run;
  let gathered: Gathered;
  beforeAll(async () => {
    run = await createRun(2);
    for (let round = 0; round < 2; round++) {
      const number = await run.collect({ 0: 'good', 1: 'good' });
      await run.close(number);
      await run.step(number);
      await run.finish(number);
    }
    gathered = await run.gather();
  });
  /** What the verdicts on statements say whose verifiers evaluate a model. */
  const evaluated = async (factor: number) => {
    const verdicts = await verifyReceipt(gathered.receipt, createFederationVerifiers(factor), {
      blobs: run.blobs,
    });
    return verdicts.filter(({ piece }) => {
      if (piece.kind !== 'statement') return false;
      const { check } = gathered.receipt.evidence[piece.number - 1]!;
      return check.how === 'here' && /accuracy|aggregate/.test(check.verifier);
    });
  };

  test('is run within its budget', async () => {
    const verdicts = await evaluated(1);
    expect(verdicts).toHaveLength(3);
    expect(verdicts.every(({ status }) => status === 'checked here')).toBe(true);
  });

  test('is not run beyond it: what rests on it is undecided, with the figures and what to do', async () => {
    for (const verdict of await evaluated(1e-9)) {
      expect(verdict).toMatchObject({ status: 'undecided' });
      expect((verdict as { because: string }).because).toMatch(/multiply-adds and .* MiB.*--budget 10/s);
    }
  });
});

describe('a run with bad updates, a lying aggregator, a demand and a repeated step', () => {
  let run: Run;
  let gathered: Gathered;

  beforeAll(async () => {
    run = await createRun(6);
    const handIns = {
      0: 'good',
      1: 'good',
      2: 'good',
      3: 'replayed',
      4: 'missing',
      5: new Uint8Array(5000),
    } as const;
    const first = await run.collect(handIns);
    await run.close(first, [4]);
    await run.step(first);
    await run.finish(first);
    const lied = await run.collect({ 0: 'good', 1: 'good' });
    await run.close(lied);
    await run.step(lied, {
      change(flat) {
        flat[7]! += 1;
      },
    });
    await run.prove(lied);
    const again = await run.collect({ 0: 'good', 1: 'good' });
    await run.close(again);
    await run.act({ type: 'demand', round: again, participant: 1 }, key('watcher'));
    const { blob } = run.state().rounds[again]!.commitments[1]!;
    const receipts = await run.receiptsFor(blob);
    await run.act({ type: 'answer', round: again, participant: 1, receipts }, key('aggregator b'));
    await run.step(again);
    await run.finish(again);
    const seconds = { training: 1.5, collecting: 1, stepping: 0.5, checking: 0.25 };
    gathered = await run.gather({ costs: { bytesMoved: 10, transactions: 7, gas: 70, seconds } });
  });

  test('verifies with the blobs: nothing fails, nothing is left open', async () => {
    const verdicts = await verdictsOf(gathered, run);
    expect(verdicts.filter(({ status }) => status === 'failed' || status === 'undecided')).toEqual([]);
    expect(exitCodeOf(verdicts)).toBe(0);
  });

  test('without the blobs, what the ledger’s record tells still verifies, and the rest is only stated', async () => {
    const verdicts = await verifyReceipt(gathered.receipt, federationVerifiers, {});
    expect(exitCodeOf(verdicts)).toBe(0);
    const checked = verdicts.flatMap(({ piece, status }) =>
      piece.kind === 'statement' && status === 'checked here' ? [piece.number] : [],
    );
    const ledgerAlone = gathered.evidence.flatMap(({ sentence }, i) =>
      /^(Round 2|In round [23] .*(lied|demanded)|The ledger accepted)/.test(sentence) ? [i + 1] : [],
    );
    expect(checked).toEqual(ledgerAlone);
    expect(checked).toHaveLength(4);
  });

  test('says in plain words what happened', () => {
    const told = (verifier: string) => recordsOf(gathered.evidence, verifier).map(({ sentence }) => sentence);
    expect(told('federation.aggregate')).toEqual([
      expect.stringMatching(
        /^Round 1: the updates of 3 of 6 participants were averaged into the next model; what participant 4 handed in was in too few stores; what participants 3 and 5 handed in was refused; they commit to 3 datasets; the model is right on \d+ of the 40 public test examples\.$/,
      ),
      'Round 2: it led to no new model, because what its aggregator did was proven wrong; 2 of 6 participants had handed in an update; participants 2, 3, 4 and 5 stayed away.',
      expect.stringMatching(
        /^Round 3, attempt 2 at step 2: the updates of 2 of 6 participants were averaged .*; participants 2, 3, 4 and 5 stayed away; they commit to 2 datasets; the model is right on/,
      ),
    ]);
    expect(told('federation.refusal')).toEqual([
      'In round 1 the update of participant 3 was refused: it was made for another participant (WrongParticipant).',
      'In round 1 the update of participant 5 was refused: it has the wrong length (WrongLength).',
    ]);
    const [a, watcher] = [key('aggregator a').account, key('watcher').account];
    expect(told('federation.incident')).toEqual([
      `In round 2 aggregator ${a} was proven to have lied: number 7 of the model that it posted is not the average of the accepted updates. ` +
        `${watcher} proved it; ${a} lost its bond of 100 wei, half of it burnt, half for ${watcher}. The job went on from the last right step.`,
      `In round 3 ${watcher} could not read the update of participant 1 and demanded its receipts, which were shown.`,
    ]);
    expect(told('federation.rounds')[0]).toMatch(
      /^The ledger accepted \d+ moves of this job, each of them as its rules demand\. All rounds that were asked for are final; 1 led to no new model; 1 of 2 aggregators was proven to have lied; 50 wei of lost bonds were burnt\. The last model/,
    );
  });

  test('ties each round to the data that its updates commit to', () => {
    const [round] = recordsOf(gathered.evidence, 'federation.aggregate');
    const { inputs } = round!.check as Extract<Evidence['check'], { how: 'here' }>;
    expect(inputs.slice(-3)).toEqual([0, 1, 2].map((i) => addressOf(utf8(`data of ${i}`))));
  });

  test('charges each mechanism with its own costs', () => {
    const costs = gathered.evidence.filter(
      ({ check, kind }) => check.how === 'none' && kind === 'measurement',
    );
    expect(costs.map(({ mechanism, figures }) => [mechanism, Object.keys(figures)])).toEqual([
      ['federation.rounds', ['training', 'collecting', 'stepping', 'transactions', 'gas']],
      ['federation.average', ['training', 'checking', 'traffic']],
    ]);
  });

  test('a run that lost its reports tells the same of ledger and blobs', async () => {
    const again = await run.gather({ reports: [{ by: 'x', event: { type: 'unknown' } }] });
    const checked = ({ evidence }: Gathered) => evidence.filter(({ check }) => check.how === 'here');
    expect(checked(again)).toEqual(checked(gathered));
  });

  test('tells what the ledger refused, once', async () => {
    const refusal = { refused: 'WrongPhase' as const, expected: 'a', found: 'b' };
    const event = { type: 'moveRefused' as const, move: { type: 'join' as const }, refusal };
    const { evidence } = await run.gather({
      reports: [
        { by: 'site 7', event },
        { by: 'site 7', event },
        { by: 'site 8', event: { ...event, refusal: { ...refusal, refused: 'Repeated' } } },
        { by: 'site 9', event: { ...event, move: { type: 'advance', round: 0 } } },
      ],
    });
    const told = evidence.filter(({ sentence }) => sentence.startsWith('The ledger refused'));
    expect(told.map(({ sentence }) => sentence)).toEqual([
      'The ledger refused a move of site 7, join: WrongPhase.',
    ]);
  });

  test.each(Object.keys(edits))('no record can be changed: %s', async (field) => {
    for (const [i, record] of gathered.evidence.entries()) {
      if (record.check.how !== 'here') continue;
      const verdict = await verdictOf(gathered.receipt, run.blobs, i, edits[field]!);
      expect(verdict, `${record.check.verifier}, ${field}`).not.toBe('accepted');
    }
  });

  test('each kind of record was among them', () => {
    const verifiers = gathered.evidence.flatMap(({ check }) =>
      check.how === 'here' ? [check.verifier] : [],
    );
    // Those are told of other jobs only: privateRounds.test.ts and counting.test.ts.
    const others = ['federation.privacy', 'federation.statistics'];
    expect([...new Set(verifiers), ...others].sort()).toEqual(Object.keys(federationVerifiers).sort());
  });

  /** Failures of a receipt with other evidence. */
  async function failuresOf(evidence: readonly Evidence[], ledger?: Ledger) {
    const receipt = createReceipt('test', run.job, evidence, gathered.artefacts);
    const reach = ledger === undefined ? {} : { ledger: { ledger, url: 'memory' } };
    return failuresIn(await verifyReceipt(receipt, federationVerifiers, { blobs: run.blobs, ...reach }));
  }

  test('a record tells of a round, and of a refusal, that there is', async () => {
    const at = (verifier: string) =>
      gathered.evidence.findIndex(({ check }) => check.how === 'here' && check.verifier === verifier);
    const number = (name: string, value: number) => (record: Evidence) => {
      const figure = { value, unit: '', min: value, max: value, n: 1 };
      return { ...record, figures: { ...record.figures, [name]: figure } };
    };
    const verdict = (verifier: string, edit: (record: Evidence) => Evidence) =>
      verdictOf(gathered.receipt, run.blobs, at(verifier), edit);
    for (const round of [0, 4, 1.5]) {
      expect(await verdict('federation.aggregate', number('round', round))).toBe('claim.round');
      expect(await verdict('federation.refusal', number('inRound', round))).toBe('claim.round');
    }
    // Round 2 is void, and participant 0 was accepted.
    expect(await verdict('federation.refusal', number('inRound', 2))).toBe('refusal.participant');
    expect(await verdict('federation.refusal', number('participant', 0))).toBe('refusal.participant');
    const invented = (record: Evidence) => ({ ...record, sentence: 'Aggregator b lied, too.' });
    expect(await verdict('federation.incident', invented)).toBe('incident.none');
  });

  test.each<[string, (round: Evidence) => Evidence]>([
    [
      'claim.sentence',
      (round) => ({ ...round, sentence: round.sentence.replace('of 3 of 6', 'of 400 of 400') }),
    ],
    [
      'claim.figures',
      (round) => ({
        ...round,
        figures: { ...round.figures, ...createFigures([[federationFigures.participants, 400]]) },
      }),
    ],
    [
      'claim.figures',
      (round) => ({
        ...round,
        figures: { ...round.figures, ...createFigures([[federationFigures.absent, 1]]) },
      }),
    ],
    [
      'claim.figures',
      (round) => ({
        ...round,
        figures: { ...round.figures, ...createFigures([[federationFigures.refused, 0]]) },
      }),
    ],
  ])(
    'a round told of in contradiction to the ledger record is wrong without any blob: %s',
    async (code, edit) => {
      const told = gathered.evidence.findIndex(({ sentence }) => sentence.startsWith('Round 1: '));
      const changed = gathered.evidence.map((record, i) => (i === told ? edit(record) : record));
      const verdicts = await verifyReceipt(
        createReceipt('test', run.job, changed, gathered.artefacts),
        federationVerifiers,
      );
      expect(failuresIn(verdicts)).toContain(code);
    },
  );

  test('nothing unfavourable can be left out', async () => {
    for (const [i, { kind, check, sentence }] of gathered.evidence.entries()) {
      const isFact = check.how === 'here' && check.verifier !== 'federation.refusal';
      if (!isFact && kind !== 'assumption') continue;
      expect(new Set(await failuresOf(gathered.evidence.toSpliced(i, 1))), sentence).toEqual(
        new Set([sentence.startsWith('The ledger accepted') ? 'claim.artefact' : 'receipt.omission']),
      );
    }
  });

  test('nothing favourable can be said twice, and no round be made up', async () => {
    const [round] = recordsOf(gathered.evidence, 'federation.aggregate');
    // Before any round is computed again: a receipt could name one 100,000 times.
    const told = gathered.evidence.filter(({ check }) => check.how === 'here').length;
    expect(await failuresOf([...gathered.evidence, round!])).toEqual(
      Array.from({ length: told + 1 }, () => 'receipt.repetition'),
    );
    const forged: Evidence = { ...round!, check: { how: 'none', because: 'it was so' } };
    expect(await failuresOf([...gathered.evidence, forged])).toEqual(['receipt.round']);
    const [incident] = recordsOf(gathered.evidence, 'federation.incident');
    expect(await failuresOf([...gathered.evidence, incident!])).toEqual(['receipt.repetition']);
  });

  /** The verdicts of all records, with another ledger record in place of their own everywhere. */
  async function withRecord(change: (record: { events: LedgerEvent[]; terms: object }) => object) {
    const [original] = gathered.artefacts;
    const changed = encodeCanonical(change(decodeCanonical(original!) as never));
    const [before, after] = [addressOf(original!), addressOf(changed)];
    const evidence = JSON.parse(JSON.stringify(gathered.evidence).replaceAll(before, after)) as Evidence[];
    await run.blobs.put(changed);
    const receipt = createReceipt('test', run.job, evidence, [changed]);
    const verdicts: string[] = [];
    for (const [i, { check }] of evidence.entries()) {
      if (check.how === 'here') verdicts.push(await verdictOf(receipt, run.blobs, i, (record) => record));
    }
    return verdicts;
  }

  test('a step that can still be proven wrong is no result: a record that ends there is refused', async () => {
    const verdicts = await withRecord(({ events, ...rest }) => ({
      ...rest,
      events: events.slice(0, events.findLastIndex(({ move }) => move.type === 'step') + 1),
    }));
    // What is accepted are the rounds before, their refusals and incidents.
    expect(verdicts.filter((verdict) => verdict !== 'accepted').sort()).toEqual([
      'accuracy.artefact',
      'aggregate.phase',
      'claim.sentence',
    ]);
  });

  test('two records of the ledger cannot be in one receipt', async () => {
    const events = (await run.moves()).slice(0, 3);
    const { address } = await run.blobs.put(encodeLedgerRecord(run.ledger, termsOf(run.job), events));
    const i = gathered.evidence.findIndex((record) => readFigure(record, federationFigures.round));
    const other = { ...gathered.evidence[i]!, artefact: address };
    expect(await failuresOf(gathered.evidence.with(i, other))).toEqual(['claim.artefact']);
  });

  test('a ledger record that breaks the rules, or is of another job, is refused by all', async () => {
    const late = await withRecord(({ events, ...rest }) => ({ ...rest, events: events.slice(1) }));
    expect(new Set(late)).toEqual(new Set(['record.rules']));
    // Joining does not depend on the time, so that the rules alone would take it.
    const backwards = await withRecord(({ events, ...rest }) => ({
      ...rest,
      events: events.map((event, i) => (i === 1 ? { ...event, at: 1 } : event)),
    }));
    expect(new Set(backwards)).toEqual(new Set(['record.rules']));
    const other = await withRecord((record) => ({ ...record, terms: { ...record.terms, copies: 1 } }));
    expect(new Set(other)).toEqual(new Set(['record.terms']));
    const old = await withRecord((record) => ({ ...record, version: 1 }));
    expect(new Set(old)).toEqual(new Set(['record.malformed']));
    // The proof is shown to the rules again: a leaf of another blob proves nothing.
    const unproven = await withRecord(({ events, ...rest }) => ({
      ...rest,
      events: events.map((event) => {
        const { move } = event;
        if (move.type !== 'prove' || move.lie.kind !== 'average') return event;
        return { ...event, move: { ...move, lie: { ...move.lie, next: move.lie.start } } };
      }),
    }));
    expect(new Set(unproven)).toEqual(new Set(['record.rules']));
  });

  test('a record whose replay would take hours is not replayed, and says how long it would be', () => {
    const moves = (join: number, commit: number, open: number) => [
      ...Array.from({ length: join }, () => ({ move: { type: 'join' } as const })),
      ...Array.from({ length: open }, (_, round) => ({
        move: { type: 'open', round, model: addressOf(utf8('m')) } as const,
      })),
      ...Array.from({ length: commit }, () => ({
        move: { type: 'commit', round: 0, blob: addressOf(utf8('b')), weight: 1 } as const,
      })),
    ];
    const takes = (events: ReturnType<typeof moves>, work: number) => {
      expect(() => assertReplayable(events, work)).not.toThrow();
      expect(() => assertReplayable(events, work - 1)).toThrow(
        expect.objectContaining({ name: 'UndecidedError', code: 'record.work' }),
      );
    };
    takes(moves(3, 0, 0), 1 + 2 + 3);
    takes(moves(0, 3, 0), 1 + 2 + 3);
    takes(moves(0, 0, 3), 1 + 2 + 3);
    takes(moves(2, 2, 1), 1 + 2 + 3 + 4 + 5);
    takes([{ move: { type: 'admit', accounts: [key('a').account, key('b').account] } } as never], 2);
    // Commitments are of one round.
    takes([...moves(0, 3, 1), ...moves(0, 1, 1)], 1 + 2 + 3 + 4 + 2 + 3);
  });

  describe('with a ledger to ask', () => {
    /** The verdict on the ledger record, where the ledger has other moves. */
    async function asked(
      change: (moves: LedgerEvent[]) => readonly LedgerEvent[],
      more: Partial<Ledger> = {},
    ) {
      const moves = change([...(await run.moves())]);
      const rounds = { ...run.ledger.rounds, moves: async () => moves };
      const ledger = { ...run.ledger, rounds, ...more };
      const reach = { blobs: run.blobs, ledger: { ledger, url: 'memory' } };
      const verdicts = await verifyReceipt(gathered.receipt, federationVerifiers, reach);
      return verdicts.find(
        ({ piece }) => piece.kind === 'statement' && piece.sentence.startsWith('The ledger accepted'),
      )!;
    }

    test('that agrees, contract and chain are named', async () => {
      expect(await asked((moves) => moves)).toMatchObject({
        status: 'checked against',
        ledger: { url: 'memory', chainId: 31337, contract: run.ledger.contract },
        found: expect.stringContaining(`are those of contract ${run.ledger.contract} on chain 31337`),
      });
    });

    test.each<[string, (moves: LedgerEvent[]) => readonly LedgerEvent[]]>([
      ['another sender', (moves) => moves.with(3, { ...moves[3]!, by: key('x').account })],
      ['another time', (moves) => moves.with(3, { ...moves[3]!, at: 7 })],
      ['another block', (moves) => moves.with(3, { ...moves[3]!, block: 7_000_000 })],
      ['another transaction', (moves) => moves.with(3, { ...moves[3]!, transaction: moves[4]!.transaction })],
      ['another move', (moves) => moves.with(3, { ...moves[3]!, move: { type: 'leave' } })],
      ['a move missing in the middle', (moves) => moves.toSpliced(3, 1)],
      ['fewer moves', (moves) => moves.slice(0, -1)],
      ['no moves', () => []],
    ])('that has %s, it differs, even where both lead to the same state', async (_, change) => {
      expect(await asked(change)).toMatchObject({ status: 'failed', code: 'record.differs' });
    });

    test('that went on, is another or is away, nothing is decided', async () => {
      const last = (moves: LedgerEvent[]) => moves.at(-1)!;
      const more = (move: LedgerEvent['move']) => (moves: LedgerEvent[]) => [
        ...moves,
        { ...last(moves), move },
      ];
      expect(await asked(more({ type: 'end' }))).toMatchObject({
        status: 'undecided',
        because: expect.stringContaining('ends 1 move before'),
      });
      // A withdrawal changes nothing that was told.
      expect((await asked(more({ type: 'withdraw', rounds: [0] }))).status).toBe('checked against');
      expect((await asked((moves) => moves, { chainId: 1 })).status).toBe('undecided');
      const away = { ...run.ledger.rounds, moves: () => Promise.reject(new Error('away')) };
      expect(await asked((moves) => moves, { rounds: away })).toMatchObject({ status: 'undecided' });
    });
  });

  describe('told by its narrator', () => {
    const narrators = { train: narrateTraining };

    test('names the accounts by what they did, and which are in several roles', async () => {
      const { identities } = receiptView(gathered.receipt, [], narrators);
      const counted = identities!.roles.map(({ did, accounts }) => [did, accounts.length]);
      expect(counted).toEqual(
        expect.arrayContaining([
          ['ran the job', 1],
          ['took part', 6],
        ]),
      );
      const joined = new Set(
        (await run.moves()).flatMap(({ move, by }) => (move.type === 'join' ? [by] : [])),
      );
      const took = identities!.roles.find(({ did }) => did === 'took part')!;
      expect(new Set(took.accounts)).toEqual(joined);
      expect(identities!.sentences[0]).toMatch(/^\d+ accounts acted\. An account costs nothing/);
      // Without the record of the ledger nobody is named.
      const bare = { ...gathered.receipt, artefacts: {} };
      expect(receiptView(bare, [], narrators).identities).toBeUndefined();
    });

    test('names who took part and what came out, checked, and whose record that is', async () => {
      const view = receiptView(gathered.receipt, await verdictsOf(gathered, run), narrators);
      expect(view.title).toBe('6 participants trained one model together');
      expect(view.byline).toBe('by the runner’s record of the ledger');
      expect(view.summary).toEqual([
        expect.stringContaining('tells 2 kinds of examples apart: low, high'),
        'There were 2 rounds and 1 that led to no new model; 2 to 3 participants took part in each. That was checked just now, by the runner’s record of a ledger that was not asked.',
        expect.stringMatching(
          /^2 incidents of the rounds are told below.*That was checked just now, by the runner’s record/,
        ),
        expect.stringMatching(
          /^At the end the model was right on .* That was checked just now, by the runner’s record/,
        ),
        expect.stringMatching(
          /^Of the labels “(low|high)” was found least often, in [\d.]+ % of \d+ test examples?, and the answer “(low|high)” was right least often, in [\d.]+ % of the times it was given\. That was checked just now, by the runner’s record/,
        ),
        expect.stringMatching(/^Always answering “low” .* That was checked just now, by the runner’s record/),
      ]);
      expect(view.timeline?.moments.map(({ position, cells, words }) => [position, cells[0], words])).toEqual(
        [
          [1, '3', 'checked here'],
          [2, '0', 'checked here'],
          [3, '2', 'checked here'],
        ],
      );
    });

    test('tells it as a fact once the ledger confirms it', async () => {
      const reach = { blobs: run.blobs, ledger: { ledger: run.ledger, url: 'memory' } };
      const verdicts = await verifyReceipt(gathered.receipt, federationVerifiers, reach);
      const { title, summary } = receiptView(gathered.receipt, verdicts, narrators);
      expect(title).toBe('6 participants trained one model together');
      for (const sentence of summary.slice(1)) expect(sentence).toMatch(/ That was checked just now\.$/);
    });

    test('says that it is the receipt’s word before anything was checked', () => {
      const view = receiptView(gathered.receipt, [], narrators);
      expect(view.title).toBe('The receipt says: 6 participants trained one model together');
      expect(view.summary.at(-1)).toContain('it was not checked here');
    });

    test.each<[string, readonly (readonly number[])[], readonly string[]]>([
      [
        'a label that is never predicted, and an accuracy that says nothing',
        [
          [19, 0],
          [1, 0],
        ],
        [
          '“high” was found least often, in 0 % of 1 test example, and the answer “low” was right least often, in 95 % of the times it was given.',
          '“high” is never predicted: 1 of 20 examples has this label.',
          'Always answering “low” is right as often or more: on 19 of 20 examples.',
        ],
      ],
      [
        'nothing to warn of',
        [
          [9, 1],
          [2, 8],
        ],
        [
          '“high” was found least often, in 80 % of 10 test examples, and the answer “low” was right least often, in 81.82 % of the times it was given.',
        ],
      ],
      ['no matrix of these labels', [[1, 2, 3]], []],
    ])('shows how each label fares: %s', (_, confusion, expected) => {
      const { receipt } = gathered;
      const evaluation = { count: 20, correct: 19, accuracy: 0.95, loss: 1, confusion };
      const bytes = encodeEvaluation(addressOf(new Uint8Array()), evaluation);
      const evidence = receipt.evidence.map((record) =>
        record.check.how === 'here' && record.check.verifier === 'federation.accuracy'
          ? { ...record, artefact: addressOf(bytes) }
          : record,
      );
      const view = receiptView(createReceipt('test', run.job, evidence, [bytes]), [], narrators);
      const told = view.summary.slice(4);
      expect(told).toHaveLength(expected.length);
      for (const [i, sentence] of told.entries()) expect(sentence).toContain(expected[i]!);
    });

    test('shows nothing of an evaluation that is not the one that the record names', () => {
      const { receipt } = gathered;
      const artefacts = Object.fromEntries(
        Object.entries(receipt.artefacts).map(([address]) => [address, '0x00' as const]),
      );
      const { summary } = receiptView({ ...receipt, artefacts }, [], narrators);
      expect(summary).toHaveLength(4);
    });

    test('takes no headline from a record that no verifier checks', () => {
      const [ledger] = recordsOf(gathered.evidence, 'federation.rounds');
      const forged: Evidence = {
        ...ledger!,
        sentence: '400 participants joined.',
        figures: {
          ...ledger!.figures,
          joined: { value: 400, unit: 'participants', min: 400, max: 400, n: 1 },
        },
        check: { how: 'none', because: 'trust me' },
      };
      const { receipt } = gathered;
      const told = receiptView({ ...receipt, evidence: [forged, ...receipt.evidence] }, [], narrators);
      expect(told.title).toBe('The receipt says: 6 participants trained one model together');
    });

    test('makes do with whatever records there are', () => {
      const bare = (evidence: readonly Evidence[]) =>
        receiptView(createReceipt('test', run.job, evidence, []), [], narrators);
      expect(bare([]).title).toBe('The training of “A small network”');
      expect(bare([]).summary.slice(1)).toEqual([
        'This receipt tells of no round.',
        'This receipt states no accuracy.',
      ]);
    });
  });
});

describe('what no watcher found in time', () => {
  /** A run of one round in which participant 2 hands in something, and the step may be wrong. */
  async function play(handIn: HandIn, step: StepChange) {
    const run = await createRun(3, { rounds: 1, minParticipants: 1 });
    const round = await run.collect({ 0: 'good', 1: 'good', 2: handIn });
    await run.close(round);
    await run.step(round, step);
    await run.finish(round);
    return { run, gathered: await run.gather() };
  }
  const refusedFor = (reason: RefusedUpdate['reason'], entry = 0): StepChange => ({
    refused: [{ participant: 2, reason, entry }],
  });
  const sentencesOf = ({ evidence }: Gathered, verifier: string) =>
    recordsOf(evidence, verifier).map(({ sentence }) => sentence);

  test('a refusal for another reason than the true one is told of as such, and verifies', async () => {
    for (const reason of ['WrongModel', 'WrongLength'] as const) {
      const { run, gathered } = await play('replayed', refusedFor(reason));
      expect(sentencesOf(gathered, 'federation.aggregate')[0]).toContain(
        'what participant 2 handed in was refused for another reason than the true one',
      );
      expect(sentencesOf(gathered, 'federation.refusal')[0]).toMatch(
        /That is not true; it has another fault\.$/,
      );
      expect(failuresIn(await verdictsOf(gathered, run))).toEqual([]);
    }
  });

  test('a refusal of an acceptable update is told of as such, and verifies', async () => {
    const { run, gathered } = await play('good', { ...refusedFor('OutOfRange', 5), without: [2] });
    expect(sentencesOf(gathered, 'federation.aggregate')[0]).toContain(
      'what participant 2 handed in was refused, although it is acceptable',
    );
    expect(sentencesOf(gathered, 'federation.refusal')).toEqual([
      'In round 1 the update of participant 2 was refused: it has an entry out of range (OutOfRange, entry 5). That is not true; it is acceptable.',
    ]);
    expect(failuresIn(await verdictsOf(gathered, run))).toEqual([]);
  });

  test('a second fault of an update is a true reason, too', async () => {
    // Replayed, so signed by another participant, besides being for another one.
    const { gathered } = await play('replayed', refusedFor('WrongSigner'));
    expect(sentencesOf(gathered, 'federation.refusal')).toEqual([
      'In round 1 the update of participant 2 was refused: it was not signed by that participant (WrongSigner).',
    ]);
  });

  test('a wrong final model fails the check of its round', async () => {
    const { run, gathered } = await play('good', {
      change(flat) {
        flat[0]! += 1;
      },
    });
    expect(failuresIn(await verdictsOf(gathered, run))).toEqual(['aggregate.model']);
  });

  test('an accepted update that had to be refused fails the check of its round', async () => {
    const { run, gathered } = await play('replayed', { refused: [] });
    expect(failuresIn(await verdictsOf(gathered, run))).toEqual(['aggregate.accepted']);
  });

  test('an update that was lost is told of as such, and a reader who finds it again is told', async () => {
    const { run } = await play(new Uint8Array(5000), {});
    const { blob } = run.state().rounds[0]!.commitments[2]!;
    const bytes = run.blobs.blobs.get(blob)!;
    run.blobs.blobs.delete(blob);
    const gathered = await run.gather();
    expect(sentencesOf(gathered, 'federation.aggregate')[0]).toContain(
      'what participant 2 handed in can no longer be found',
    );
    expect(sentencesOf(gathered, 'federation.refusal')).toEqual([]);
    expect(exitCodeOf(await verdictsOf(gathered, run))).toBe(0);
    await run.blobs.put(bytes);
    expect(await verdictsOf(gathered, run)).toContainEqual(
      expect.objectContaining({
        status: 'checked here',
        found: expect.stringContaining('updates of participants [2], said to be nowhere, can be found now'),
      }),
    );
    // To leave it out without saying so is refused.
    const silent = gathered.evidence.map((record) => ({
      ...record,
      sentence: record.sentence.replace('; what participant 2 handed in can no longer be found', ''),
    }));
    const receipt = createReceipt('test', run.job, silent, gathered.artefacts);
    expect(failuresIn(await verifyReceipt(receipt, federationVerifiers, { blobs: run.blobs }))).toEqual([
      'claim.sentence',
    ]);
  });

  test('a lost accepted update leaves the round to those who have it', async () => {
    const { run } = await play('good', {});
    run.blobs.blobs.delete(run.state().rounds[0]!.commitments[1]!.blob);
    const gathered = await run.gather();
    const verdicts = await verdictsOf(gathered, run);
    expect(failuresIn(verdicts)).toEqual([]);
    expect(verdicts.filter(({ status }) => status === 'undecided')).toHaveLength(1);
  });
});

describe('a round of more than 128 updates', () => {
  const everyone = Object.fromEntries(Array.from({ length: 129 }, (_, i) => [i, 'good' as const]));

  async function play(step: StepChange) {
    const run = await createRun(129, { rounds: 1, testSet: undefined });
    const round = await run.collect(everyone);
    await run.close(round);
    await run.step(round, step);
    await run.finish(round);
    const gathered = await run.gather();
    return { gathered, failures: failuresIn(await verdictsOf(gathered, run)) };
  }

  test('verifies with its partial sums among the inputs', async () => {
    const { gathered, failures } = await play({});
    expect(failures).toEqual([]);
    const [round] = recordsOf(gathered.evidence, 'federation.aggregate');
    const { inputs } = round!.check as Extract<Evidence['check'], { how: 'here' }>;
    // Ledger record, two models, partial sums, 129 messages, 129 datasets.
    expect(inputs).toHaveLength(4 + 2 * 129);
  });

  test('fails with other partial sums than those of its groups', async () => {
    const { failures } = await play({
      changePartials(bytes) {
        bytes[0]! ^= 1;
      },
    });
    expect(failures).toEqual(['aggregate.partials']);
  });
});

test('a job that neither trains nor counts is not verified as one that does', async () => {
  const run = await createRun(2, { rounds: 1 });
  const gathered = await run.gather();
  const other = { ...gathered.receipt, job: { ...run.job, kind: 'infer' } } as never as Receipt;
  const i = gathered.evidence.findIndex(({ check }) => check.how === 'here');
  expect(await verdictOf(other, run.blobs, i, (record) => record)).toBe('job.kind');
});

describe('rounds that came to nothing', () => {
  test('for want of updates or of an aggregator: the reason is told, and verifies', async () => {
    const run = await createRun(3, { rounds: 1 });
    const few = await run.collect({ 0: 'good' });
    await run.close(few);
    const silent = await run.collect({ 0: 'good', 1: 'good' });
    await run.close(silent);
    for (let turn = 0; turn < 2; turn++) {
      run.wait(6);
      await run.act({ type: 'advance', round: silent }, key('anyone'));
    }
    const gathered = await run.gather();
    expect(recordsOf(gathered.evidence, 'federation.aggregate').map(({ sentence }) => sentence)).toEqual([
      'Round 1: it led to no new model, because fewer than 2 updates were available; 1 of 3 participants had handed in an update; participants 1 and 2 stayed away.',
      'Round 2, attempt 2 at step 1: it led to no new model, because no aggregator did its part in its turn; 2 of 3 participants had handed in an update; participant 2 stayed away.',
    ]);
    const verdicts = await verdictsOf(gathered, run);
    expect(failuresIn(verdicts)).toEqual([]);
    const view = receiptView(gathered.receipt, verdicts, { train: narrateTraining });
    expect(view.title).toBe('3 participants joined a training that came to no model');
    expect(view.byline).toBe('by the runner’s record of the ledger');
    expect(view.summary).toContain(
      'There were 0 rounds of 1 planned and 2 that led to no new model. That was checked just now, by the runner’s record of a ledger that was not asked.',
    );
    // No field of such a record can be changed either.
    for (const [i, record] of gathered.evidence.entries()) {
      if (record.check.how !== 'here') continue;
      for (const [field, edit] of Object.entries(edits)) {
        expect(await verdictOf(gathered.receipt, run.blobs, i, edit), field).not.toBe('accepted');
      }
    }
  });

  test('have no refusals to tell of: a record of one fails', async () => {
    const run = await createRun(3, { rounds: 2 });
    const handIns = { 0: 'good', 1: 'good', 2: 'replayed' } as const;
    await run.play(handIns);
    const lied = await run.collect(handIns);
    await run.close(lied);
    await run.step(lied, {
      change(flat) {
        flat[0]! += 1;
      },
    });
    await run.prove(lied);
    const { receipt, evidence } = await run.gather();
    const i = evidence.findIndex(({ sentence }) => sentence.startsWith('In round 1 the update of'));
    expect(await verdictOf(receipt, run.blobs, i, (record) => record)).toBe('accepted');
    const inRound = { value: 2, unit: '', min: 2, max: 2, n: 1 };
    const moved = (record: Evidence) => ({ ...record, figures: { ...record.figures, inRound } });
    expect(await verdictOf(receipt, run.blobs, i, moved)).toBe('refusal.participant');
  });

  test('because they were built on a lie, or on receipts that were not shown', async () => {
    const run = await createRun(3, { rounds: 2 });
    const lied = await run.collect({ 0: 'good', 1: 'good', 2: 'replayed' });
    await run.close(lied);
    await run.step(lied, { refused: [] });
    const built = await run.collect({ 0: 'good', 1: 'good' });
    await run.prove(lied);
    const hidden = await run.collect({ 0: 'good', 1: 'good', 2: 'missing' });
    await run.close(hidden);
    await run.act({ type: 'demand', round: hidden, participant: 2 }, key('watcher'));
    run.wait(6);
    const lie = { kind: 'silence', participant: 2 } as const;
    await run.act({ type: 'prove', round: hidden, lie }, key('watcher'));
    const gathered = await run.gather();
    const sentences = gathered.evidence.map(({ sentence }) => sentence).join('\n');
    expect(sentences).toContain(
      `Round ${built + 1}, attempt 2 at step 1: it led to no new model, because it was built on round 1`.replace(
        ', attempt 2 at step 1',
        '',
      ),
    );
    expect(sentences).toContain(
      'it accepted the update of participant 2, although it was made for another participant',
    );
    expect(sentences).toContain(
      'it included the update of participant 2, and its receipts were not shown in time',
    );
    expect(sentences).toContain('demanded its receipts, which were not shown.');
    expect(sentences).toContain(
      '2 of 2 aggregators were proven to have lied; 100 wei of lost bonds were burnt',
    );
    expect(failuresIn(await verdictsOf(gathered, run))).toEqual([]);
  });
});
