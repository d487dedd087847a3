import { describe, expect, test } from 'vitest';
import type { Evidence } from '../records/evidence.ts';
import { createFigures } from '../records/figures.ts';
import { parseJob, requireTrainJob } from '../records/job.ts';
import { toJson } from '../records/json.ts';
import {
  createSampleReceipt,
  createSampleStore,
  narrateSample,
  sampleBlobs,
  sampleEvidence,
  sampleFigures,
  sampleJob,
  sampleReceipt,
  sampleVerifiers,
} from '../testing/sampleReceipt.ts';
import type { Narrator } from './narrator.ts';
import { pieceKey } from './pieces.ts';
import { createReceipt } from './receipt.ts';
import { receiptView } from './receiptView.ts';
import { verdictView } from './verdictView.ts';
import { type Verdict, verifyReceipt } from './verifyReceipt.ts';

const blobs = createSampleStore(sampleBlobs);
const narrators = { train: narrateSample };
const viewOf = async (receipt = sampleReceipt, verifiers = sampleVerifiers) =>
  receiptView(receipt, await verifyReceipt(receipt, verifiers, { blobs }), narrators);

describe('the headline', () => {
  test('is what the narrator tells, where the records that it rests on were checked', async () => {
    const view = await viewOf();
    expect(view.title).toBe('10 rounds of “Handwritten digits”');
    expect(view.summary).toEqual([
      'The job trains a model.',
      'It was right on 97.21 % of the examples. That was checked just now.',
    ]);
  });

  test('says that it is the receipt’s word, and the runner’s, where they were not', () => {
    const view = receiptView(sampleReceipt, [], narrators);
    expect(view.title).toBe('The receipt says: 10 rounds of “Handwritten digits”');
    expect(view.summary.at(-1)).toBe(
      'It was right on 97.21 % of the examples. That is what the runner says; it was not checked here.',
    );
  });

  test('is qualified if one of many records was not checked', async () => {
    const forged: Evidence = {
      ...sampleEvidence[1]!,
      figures: createFigures([
        [sampleFigures.round, 11],
        [sampleFigures.accuracy, 1],
      ]),
      check: { how: 'none', because: 'trust me' },
    };
    const view = await viewOf(await createSampleReceipt({ evidence: [...sampleEvidence, forged] }));
    expect(view.title).toBe('The receipt says: 11 rounds of “Handwritten digits”');
    expect(view.summary.at(-1)).toContain('That was checked just now.');
  });

  test('is the runner’s record of the ledger, however well computed, until a ledger confirms it', async () => {
    const narrate: Narrator = () => ({
      title: { text: 'four took part', from: [1], ofLedger: true },
      summary: [{ text: 'It went well.', from: [1], ofLedger: true }],
    });
    const piece = { kind: 'statement', number: 1, sentence: '' } as const;
    const contract = `0x${'12'.repeat(20)}` as const;
    const ledger = { url: 'https://ledger.example', chainId: 5, contract, operator: 'other' } as const;
    const told = (verdict: Verdict) => receiptView(sampleReceipt, [verdict], { train: narrate });
    const own = told({ piece, status: 'checked here' });
    expect([own.title, own.byline]).toEqual(['Four took part', 'by the runner’s record of the ledger']);
    expect(own.summary).toEqual([
      'It went well. That was checked just now, by the runner’s record of a ledger that was not asked.',
    ]);
    const confirmed = told({ piece, status: 'checked against', ledger, found: 'so' });
    expect([confirmed.title, confirmed.byline]).toEqual(['Four took part', undefined]);
    expect(confirmed.summary).toEqual(['It went well. That was checked just now.']);
    expect(confirmed.sections.find(({ kind }) => kind === 'measured')?.items[0]?.words).toBe(
      'checked here and against https://ledger.example',
    );
  });

  test('is never vouched for by a record that does not exist', async () => {
    const narrate: Narrator = () => ({ title: { text: 'all is well', from: [99] }, summary: [] });
    const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers, { blobs });
    expect(receiptView(sampleReceipt, verdicts, { train: narrate }).title).toBe(
      'The receipt says: all is well',
    );
  });

  test('is generic for a kind of job that no narrator knows', () => {
    const view = receiptView(sampleReceipt, [], {});
    expect(view.title).toBe('A job of kind train: “Handwritten digits”');
    expect(view.summary[0]).toContain('no words of its own for jobs of kind train');
    expect(view.timeline).toBeUndefined();
    expect(view.sections.find(({ kind }) => kind === 'measured')?.items).toHaveLength(13);
  });
});

describe('the timeline', () => {
  test('is in order, each moment with its verdict', async () => {
    const { timeline } = await viewOf(await createSampleReceipt({ evidence: sampleEvidence.toReversed() }));
    expect(timeline?.moments.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(timeline?.moments[3]).toMatchObject({ level: 0.9431, words: 'checked here' });
  });

  test('is not repeated in the sections, unless it was proven', async () => {
    const proof: Evidence = { ...sampleEvidence[1]!, kind: 'proof', grade: 4 } as Evidence;
    const { sections } = await viewOf(
      await createSampleReceipt({ evidence: [proof, ...sampleEvidence.slice(2)] }),
    );
    expect(sections.find(({ kind }) => kind === 'proven')?.items).toHaveLength(1);
    expect(sections.find(({ kind }) => kind === 'measured')?.items).toHaveLength(2);
  });
});

describe('the sections', () => {
  test('keep proven, measured, observed and assumed apart', async () => {
    const { sections } = await viewOf();
    expect(sections.map(({ kind, items }) => [kind, items.length])).toEqual([
      ['proven', 0],
      ['measured', 3],
      ['observed', 1],
      ['assumed', 3],
    ]);
    expect(sections[0]!.explanation).toBe('Nothing in this receipt was proven mathematically.');
  });

  test('call a proof proven only if it was checked', async () => {
    const proof = { ...sampleEvidence[0]!, kind: 'proof' } as Evidence;
    const receipt = await createSampleReceipt({ evidence: [proof] });
    expect((await viewOf(receipt)).sections.map(({ kind }) => kind)).toEqual(['proven']);
    const unchecked = (await viewOf(receipt, {})).sections;
    expect(unchecked.map(({ kind, items }) => [kind, items.length])).toEqual([
      ['proven', 0],
      ['said to be proven', 1],
    ]);
  });

  test('let hardware vouch only for what was checked', async () => {
    const attestation = { ...sampleEvidence[0]!, kind: 'attestation' } as Evidence;
    const receipt = await createSampleReceipt({ evidence: [attestation] });
    const kinds = async (verifiers = sampleVerifiers) =>
      (await viewOf(receipt, verifiers)).sections.map(({ kind, explanation }) => [
        kind,
        explanation.includes('vouches'),
      ]);
    expect(await kinds()).toEqual([
      ['proven', false],
      ['attested', true],
    ]);
    expect(await kinds({})).toEqual([
      ['proven', false],
      ['said to be attested', false],
    ]);
  });

  test('name the source of what others said', async () => {
    const source: Evidence = {
      ...sampleEvidence[13]!,
      origin: { type: 'source', source: 'a paper', pin: 'v2', interest: 'independent' },
    };
    const { sections } = receiptView(await createSampleReceipt({ evidence: [source] }), [], narrators);
    expect(sections.find(({ kind }) => kind === 'observed')?.items[0]).toMatchObject({
      source: 'a paper (v2)',
    });
  });

  test('show every figure with unit, range and count', async () => {
    const { sections } = await viewOf();
    const items = sections.flatMap(({ items }) => items);
    expect(items.find(({ number }) => number === 12)?.figures).toEqual([
      { label: 'accuracy', text: '97.6 % (97.48 % to 97.64 %, median of 5)' },
    ]);
  });
});

describe('whom one still has to trust', () => {
  const whomOf = async (receipt = sampleReceipt, verifiers = sampleVerifiers) =>
    (await viewOf(receipt, verifiers)).trust;

  test('has every assumption, with what would break it', async () => {
    const trust = await whomOf();
    for (const record of sampleEvidence) {
      if (record.kind !== 'assumption') continue;
      expect(trust).toContainEqual({ whom: record.whom, sentence: record.sentence, breaks: record.breaks });
    }
  });

  test('has the runner for what was not checked: fewer statements the more was checked', async () => {
    expect((await whomOf())[3]?.sentence).toBe('3 statements of this receipt were not checked here.');
    expect((await whomOf(sampleReceipt, {}))[3]?.sentence).toBe(
      '14 statements of this receipt were not checked here.',
    );
  });

  test('has the source of the file, if it is neither signed nor anchored', async () => {
    const trust = await whomOf(createReceipt(sampleReceipt.run, sampleJob, sampleEvidence, []));
    expect(trust.map(({ whom }) => whom)).toContain('The source of this file');
  });

  test('has the runner for the ledger, unless a ledger of others was asked: the runner cannot say so itself', () => {
    const sentences = (operator?: 'self' | 'other') => {
      const { chainId, contract } = sampleReceipt.anchor!;
      const ledger = { url: 'https://x', chainId, contract, operator: operator! };
      const piece = { kind: 'anchor' } as const;
      return receiptView(
        sampleReceipt,
        operator === undefined ? [] : [{ piece, status: 'checked against', ledger, found: 'an entry' }],
        narrators,
      )
        .trust.filter(({ whom }) => whom.startsWith('The runner'))
        .map(({ sentence }) => sentence);
    };
    expect(sentences()).toContain(
      'No ledger was asked for its moves and the entry of this receipt; the runner may operate that ledger.',
    );
    expect(sentences('self')).toContain(
      'The runner also operates the ledger on which this receipt is recorded.',
    );
    expect(sentences('other')).toHaveLength(1);
  });
});

describe('who could be whom', () => {
  const narrator =
    (roles: ReturnType<Narrator>['roles']): Narrator =>
    (receipt) => ({
      ...narrateSample(receipt),
      ...(roles === undefined ? {} : { roles }),
    });
  const identitiesOf = (roles: ReturnType<Narrator>['roles']) =>
    receiptView(sampleReceipt, [], { train: narrator(roles) }).identities;

  test('is told of the accounts that a narrator names, the runner first', () => {
    const identities = identitiesOf([
      { did: 'took part', accounts: ['a', 'b', sampleJob.creator] },
      { did: 'aggregated', accounts: ['a'] },
      { did: 'objected', accounts: [] },
    ])!;
    expect(identities.roles).toEqual([
      { did: 'ran the job', accounts: [sampleJob.creator], also: ['also took part'] },
      {
        did: 'took part',
        accounts: ['a', 'b', sampleJob.creator],
        also: ['1 of them also ran the job', '1 of them also aggregated'],
      },
      { did: 'aggregated', accounts: ['a'], also: ['also took part'] },
    ]);
    expect(identities.sentences[0]).toContain('3 accounts acted. An account costs nothing');
  });

  test('is one account, or is not told where nothing is known', () => {
    expect(identitiesOf([])!.sentences[0]).toBe('One account acted in every role.');
    expect(identitiesOf(undefined)).toBeUndefined();
  });
});

describe('the whole', () => {
  test('is checked, with counts', async () => {
    const { standing } = await viewOf();
    expect(standing).toMatchObject({ status: 'checked here', counts: { failed: 0, undecided: 0 } });
    expect(standing.words).toBe('11 of 17 statements were checked, and are right; 6 are only stated.');
    expect(standing.detail).toBe(
      'This file is unchanged since it was signed. ' +
        `It was signed by ${sampleJob.creator}, who ran the job. ` +
        'No ledger confirmed it: who took part, and when, is the word of its writer.',
    );
  });

  test('names chain, contract and address of the ledger that it was compared with', async () => {
    const contract = `0x${'12'.repeat(20)}` as const;
    const ledger = { url: 'https://ledger.example', chainId: 5, contract, operator: 'other' } as const;
    const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers, { blobs });
    const compared = verdicts.map((verdict): Verdict => {
      const { piece } = verdict;
      return piece.kind === 'anchor' ? { piece, status: 'checked against', ledger, found: 'it' } : verdict;
    });
    expect(verdictView(compared).standing.detail).toMatch(
      / It was compared with contract 0x(12){20} on chain 5 at https:\/\/ledger\.example\.$/,
    );
  });

  test('has the mark of the larger part, and says how large the part is that was checked', async () => {
    const { standing } = await viewOf(await createSampleReceipt({ evidence: sampleEvidence.slice(9) }));
    expect(standing).toMatchObject({
      status: 'only stated',
      words: '2 of 8 statements were checked, and are right; 6 are only stated.',
    });
  });

  test('is undecided, stated or unchecked where that is all', async () => {
    expect((await viewOf(sampleReceipt, {})).standing.status).toBe('undecided');
    const stated = await createSampleReceipt({ evidence: sampleEvidence.slice(11) });
    expect((await viewOf(stated)).standing.status).toBe('only stated');
    expect(receiptView(sampleReceipt, [], narrators).standing.words).toBe('Nothing was checked yet.');
  });

  test('is only stated without a signature, whatever was checked', async () => {
    const { standing } = await viewOf(
      createReceipt(sampleReceipt.run, sampleJob, sampleEvidence.slice(1), []),
    );
    expect(standing).toMatchObject({
      status: 'only stated',
      words: 'Nothing contradicts this file, but it is not signed.',
      detail:
        'Of 16 statements, 10 were checked, 6 are only stated. No ledger confirmed it: who took part, and when, is the word of its writer.',
    });
  });

  test('fails if one piece does, and names it in words', async () => {
    const receipt = { ...sampleReceipt, job: requireTrainJob(parseJob({ ...sampleJob, name: 'Another' })) };
    const view = await viewOf(receipt);
    expect(view.standing).toMatchObject({
      status: 'failed',
      words: 'Do not rely on this receipt: a check failed.',
      detail: 'What failed: The job: what was to be run.',
    });
    expect(view.pieces.find(({ key }) => key === 'job')).toMatchObject({ words: 'failed' });
  });

  test('a changed record shows as failed where it is told, not only among the pieces', async () => {
    const evidence = sampleEvidence.with(11, { ...sampleEvidence[11]!, sentence: 'Better than everybody.' });
    const view = await viewOf({ ...sampleReceipt, evidence: [...evidence] });
    expect(view.sections.flatMap(({ items }) => items).find(({ number }) => number === 12)?.words).toBe(
      'failed',
    );
    expect(view.pieces.map(({ title, words }) => [title, words])).toContainEqual([
      'The text of record 12',
      'failed',
    ]);
    expect(view.pieces.map(({ title }) => title)).toContain('The texts of 16 of the 17 records');
  });

  test('of a file that is no receipt is told by its verdicts alone', async () => {
    const { standing, pieces } = verdictView(await verifyReceipt({}, {}));
    expect(standing.status).toBe('failed');
    expect(pieces).toHaveLength(1);
  });
});

test('the pieces are in order; unchanged records share a row; every statement has its own', async () => {
  const { pieces } = await viewOf();
  expect(pieces.slice(0, 6).map(({ title }) => title)).toEqual([
    'The job: what was to be run',
    'The name of the run',
    'The texts of all 17 records',
    'The fingerprint of the whole receipt',
    expect.stringMatching(/^Attached file 0x[0-9a-f]{8}…$/),
    'The signature of the runner',
  ]);
  expect(pieces.filter(({ group }) => group === 'statement')).toHaveLength(17);
});

test('a status is always words, never a mark alone', async () => {
  const { pieces } = await viewOf(sampleReceipt, {});
  expect(new Set(pieces.map(({ words }) => words))).toEqual(
    new Set(['checked here', 'only stated', 'could not be decided']),
  );
});

test('is plain data', async () => {
  const view = await viewOf();
  expect(JSON.parse(toJson(view))).toEqual(view);
});

test('has a key for each piece', async () => {
  const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers, { blobs });
  expect(new Set(verdicts.map(({ piece }) => pieceKey(piece))).size).toBe(verdicts.length);
  const keys = (await viewOf()).pieces.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('survives hostile but well-formed figures and dates', () => {
  const record: Evidence = {
    ...sampleEvidence[1]!,
    date: '9999-12-31T23:59:59Z',
    figures: createFigures([
      [sampleFigures.round, 1e308],
      [sampleFigures.accuracy, -5e300],
    ]),
  };
  const evidence = Array.from({ length: 3000 }, () => record);
  const { timeline } = receiptView(createReceipt('run', sampleJob, evidence, []), [], narrators);
  expect(timeline?.moments).toHaveLength(3000);
});
