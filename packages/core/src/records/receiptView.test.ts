import { describe, expect, test } from 'vitest';
import type { Evidence } from './evidence.ts';
import { createFigure } from './evidence.ts';
import { parseJob } from './job.ts';
import { createReceipt, toJson } from './receipt.ts';
import { receiptView } from './receiptView.ts';
import {
  createSampleReceipt,
  createSampleStore,
  sampleBlobs,
  sampleEvidence,
  sampleJob,
  sampleReceipt,
  sampleVerifiers,
} from './sampleReceipt.ts';
import { verdictView } from './verdictView.ts';
import { verifyReceipt } from './verifyReceipt.ts';

const blobs = createSampleStore(sampleBlobs);
const viewOf = async (receipt = sampleReceipt, verifiers = sampleVerifiers) =>
  receiptView(receipt, await verifyReceipt(receipt, verifiers, { blobs }));

describe('the headline', () => {
  test('says in plain words who did what and what came out', async () => {
    const view = await viewOf();
    expect(view.title).toBe('20 participants trained one model together');
    const text = view.summary.join(' ');
    expect(text).toContain('“Handwritten digits”');
    expect(text).toContain('There were 10 rounds; 19 to 20 participants took part in each.');
    expect(text).toContain('right on 97.21 % of the test examples, up from 87.94 % after the first round.');
    expect(text).toContain('That number was checked just now.');
  });

  test('does not vouch for a number that was not checked', () => {
    expect(receiptView(sampleReceipt, []).summary.at(-1)).toContain('it was not checked here');
  });

  test('does not vouch for a number because another record with that number was checked', async () => {
    const best = sampleEvidence[0]!;
    const forged: Evidence = {
      ...best,
      sentence: 'Round 11: it stayed as good.',
      figures: { round: createFigure(11, ''), accuracy: best.figures.accuracy! },
      check: { how: 'none', because: 'trust me' },
    };
    const view = await viewOf(createSampleReceipt({ evidence: [...sampleEvidence, forged] }));
    expect(view.summary.at(-1)).toContain('97.21 %');
    expect(view.summary.at(-1)).toContain('it was not checked here');
  });

  test('takes the accuracy of the first record that has one, where no round does', () => {
    const view = receiptView(createSampleReceipt({ evidence: sampleEvidence.slice(0, 1) }), []);
    expect(view.title).toBe('Several parties trained one model together');
    expect(view.summary[1]).toContain('There were 10 rounds planned; 15 to 20 participants');
    expect(view.summary[2]).toMatch(/^At the end the model was right on 97\.21 % of the test examples\. /);
    expect(view.rounds).toEqual([]);
  });

  test('says that a job was stopped, and vouches for no accuracy then', () => {
    const objection: Evidence = {
      ...sampleEvidence[0]!,
      sentence: 'The job was stopped.',
      figures: { stoppedInRound: createFigure(3, '') },
    };
    const view = receiptView(createSampleReceipt({ evidence: [...sampleEvidence, objection] }), []);
    expect(view.title).toBe('A job of 20 participants was stopped');
    expect(view.summary.at(-1)).toContain('In round 3 somebody objected');
    expect(view.summary.join(' ')).not.toContain('was right on');
  });

  test('says that a run was cut short, and that there is no accuracy', () => {
    const short = receiptView(createSampleReceipt({ evidence: sampleEvidence.slice(1, 4) }), []);
    expect(short.summary[1]).toContain('There were 3 rounds of 10 planned');
    const none = receiptView(createSampleReceipt({ evidence: sampleEvidence.slice(-1) }), []);
    expect(none.summary[2]).toBe('This receipt states no accuracy.');
  });

  test('counts rounds that came to nothing apart', () => {
    const empty = {
      ...sampleEvidence[4]!,
      figures: { round: createFigure(4, ''), participants: createFigure(0, '') },
    };
    const view = receiptView(createSampleReceipt({ evidence: sampleEvidence.with(4, empty) }), []);
    expect(view.summary[1]).toContain(
      'There were 9 rounds of 10 planned and 1 that led to no new model; 19 to 20 participants took part in each.',
    );
  });

  test('shortens a long list of labels', () => {
    const labels = Array.from({ length: 100 }, (_, i) => `class ${i}`);
    const job = parseJob({ ...sampleJob, data: { shape: [3], labels } });
    expect(receiptView(createSampleReceipt({ job }), []).summary[0]).toMatch(
      /100 kinds.*class 9 and so on\.$/,
    );
  });
});

describe('the rounds', () => {
  test('are in order, with their figures and verdicts', async () => {
    const { rounds } = await viewOf(createSampleReceipt({ evidence: sampleEvidence.toReversed() }));
    expect(rounds.map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(rounds[3]).toMatchObject({ participants: 19, accuracy: 0.9431, words: 'checked here' });
    expect(rounds[3]!.figures).toContainEqual({ label: 'duration', text: '36.2 s' });
  });

  test('are not repeated in the sections, unless they were proven', async () => {
    const proof: Evidence = { ...sampleEvidence[1]!, kind: 'proof', grade: 4 } as Evidence;
    const { sections } = await viewOf(createSampleReceipt({ evidence: [proof, ...sampleEvidence.slice(2)] }));
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
    const receipt = createSampleReceipt({ evidence: [proof] });
    expect((await viewOf(receipt)).sections.map(({ kind }) => kind)).toEqual(['proven']);
    const unchecked = (await viewOf(receipt, {})).sections;
    expect(unchecked.map(({ kind, items }) => [kind, items.length])).toEqual([
      ['proven', 0],
      ['claimed', 1],
    ]);
  });

  test('name the source of what others said', () => {
    const source: Evidence = {
      ...sampleEvidence[13]!,
      origin: { type: 'source', source: 'a paper', pin: 'v2', interest: 'independent' },
    };
    const { sections } = receiptView(createSampleReceipt({ evidence: [source] }), []);
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

  test('has the operator of the ledger even where no record admits it', async () => {
    const trust = await whomOf(createSampleReceipt({ evidence: [] }));
    expect(trust.map(({ sentence }) => sentence)).toContain(
      'The runner also operated the ledger on which this receipt is recorded.',
    );
  });

  test('has whoever passed it on, if it is neither signed nor anchored', async () => {
    const trust = await whomOf(createReceipt(sampleReceipt.run, sampleJob, sampleEvidence, []));
    expect(trust.map(({ whom }) => whom)).toContain('Whoever gave you this file');
  });

  test('drops the ledger’s operator where the entry was checked against a ledger of others, and only there', () => {
    const { anchor } = sampleReceipt;
    const runners = (operator: 'self' | 'other') =>
      receiptView({ ...sampleReceipt, anchor: { ...anchor!, operator } }, [
        { piece: 'anchor', status: 'checked against', url: 'https://x' },
      ]).trust.filter(({ whom }) => whom.startsWith('Whoever ran'));
    expect(runners('other')).toHaveLength(1);
    expect(runners('self').map(({ sentence }) => sentence)).toContain(
      'The runner also operated the ledger on which this receipt is recorded.',
    );
  });
});

describe('the whole', () => {
  test('is checked, with counts', async () => {
    const { standing } = await viewOf();
    expect(standing).toMatchObject({ status: 'checked here', counts: { failed: 0, undecided: 0 } });
    expect(standing.detail).toBe('Of 17 statements, 11 were checked, 6 are only stated.');
  });

  test('is undecided, stated or unchecked where that is all', async () => {
    expect((await viewOf(sampleReceipt, {})).standing.status).toBe('undecided');
    expect((await viewOf(createSampleReceipt({ evidence: sampleEvidence.slice(11) }))).standing.status).toBe(
      'only stated',
    );
    expect(receiptView(sampleReceipt, []).standing.words).toBe('Nothing was checked yet.');
  });

  test('is only stated where nobody signed, whatever was checked', async () => {
    const { standing } = await viewOf(
      createReceipt(sampleReceipt.run, sampleJob, sampleEvidence.slice(1), []),
    );
    expect(standing).toMatchObject({
      status: 'only stated',
      words: 'Nothing contradicts this file, but nobody signed it.',
      detail: 'Of 16 statements, 10 were checked, 6 are only stated.',
    });
  });

  test('fails if one piece does, and names it in words', async () => {
    const receipt = { ...sampleReceipt, job: parseJob({ ...sampleJob, name: 'Another' }) };
    const view = await viewOf(receipt);
    expect(view.standing).toMatchObject({
      status: 'failed',
      words: 'Do not rely on this receipt: a check failed.',
      detail: 'What failed: The job: what was to be run.',
    });
    expect(view.pieces.find(({ piece }) => piece === 'job')).toMatchObject({ words: 'failed' });
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
    'The signature of whoever ran the job',
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

test('survives hostile but well-formed figures and dates', async () => {
  const record: Evidence = {
    ...sampleEvidence[1]!,
    date: '9999-12-31T23:59:59Z',
    figures: {
      round: createFigure(1e308, ''),
      accuracy: createFigure(-5e300, 'fraction'),
      participants: createFigure(0.5, ''),
    },
  };
  const evidence = Array.from({ length: 3000 }, () => record);
  expect(receiptView(createReceipt('run', sampleJob, evidence, []), []).rounds).toHaveLength(3000);
});
