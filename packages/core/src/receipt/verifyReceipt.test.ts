import { describe, expect, test } from 'vitest';
import { utf8 } from '../bytes.ts';
import { contentOf } from '../content.ts';
import { addressOf } from '../contentTree.ts';
import { NonetError, UndecidedError } from '../errors.ts';
import type { Account } from '../identity.ts';
import type { AnchorPosition, JobTerms, Ledger } from '../ports/ledger.ts';
import type { Evidence } from '../records/evidence.ts';
import { idOfJob, parseJob, requireTrainJob, termsOf } from '../records/job.ts';
import { toJson } from '../records/json.ts';
import {
  createSampleReceipt,
  createSampleStore,
  sampleBlobs,
  sampleEvidence,
  sampleJob,
  sampleReceipt,
  sampleRunner,
  sampleStranger,
  sampleVerifiers,
} from '../testing/sampleReceipt.ts';
import { pieceKey } from './pieces.ts';
import { createReceipt, parseReceipt, type Receipt, signAnchor } from './receipt.ts';
import { exitCodeOf, type Finding, type Verdict, verifyReceipt } from './verifyReceipt.ts';

const asJson = (receipt: Receipt = sampleReceipt) => JSON.parse(toJson(receipt));
const store = createSampleStore(sampleBlobs);
const verdictOf = (verdicts: readonly Verdict[], key: string) =>
  verdicts.find(({ piece }) => pieceKey(piece) === key);
const statements = (verdicts: readonly Verdict[], from = 1, to = 1e9) =>
  verdicts.filter(({ piece }) => piece.kind === 'statement' && piece.number >= from && piece.number <= to);
const count = (verdicts: readonly Verdict[], status: Verdict['status']) =>
  verdicts.filter((verdict) => verdict.status === status).length;

describe('an honest receipt', () => {
  test('reads back from JSON, and every piece of the file is checked here', async () => {
    expect(parseReceipt(asJson())).toEqual(sampleReceipt);
    const verdicts = await verifyReceipt(asJson(), sampleVerifiers, { blobs: store });
    expect(count(verdicts, 'failed') + count(verdicts, 'undecided')).toBe(0);
    for (const piece of [
      'job',
      'run',
      'root',
      'signature',
      'record 11',
      `artefact ${sampleEvidence[0]!.artefact}`,
    ]) {
      expect(verdictOf(verdicts, piece)?.status).toBe('checked here');
    }
    expect(exitCodeOf(verdicts)).toBe(0);
  });

  test('with the blobs, what can be recomputed is checked here', async () => {
    const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers, { blobs: store });
    for (const [number, found] of [
      [1, 'recomputed: 97.21 %'],
      [2, 'recomputed: 87.94 %'],
      [11, 'recomputed: 97.21 %'],
    ]) {
      expect(verdictOf(verdicts, `statement ${number}`)).toMatchObject({ status: 'checked here', found });
    }
  });

  test('without blobs, what needs them is only stated', async () => {
    const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers);
    expect(verdictOf(verdicts, 'statement 2')).toMatchObject({
      status: 'only stated',
      because: expect.stringContaining('files of the run'),
    });
    expect(exitCodeOf(verdicts)).toBe(0);
  });

  test('with a store that lacks a blob, that piece is undecided', async () => {
    const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers, {
      blobs: createSampleStore(sampleBlobs.slice(1)),
    });
    expect(count(verdicts, 'undecided')).toBe(1);
    expect(exitCodeOf(verdicts)).toBe(3);
  });

  test('without a verifier of that name, a piece is undecided', async () => {
    const verdicts = await verifyReceipt(sampleReceipt, {});
    expect(count(verdicts, 'undecided')).toBe(11);
    expect(exitCodeOf(verdicts)).toBe(3);
  });

  test('is never called checked where it cannot be: assumptions, commands, transactions, nothing', async () => {
    const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers, { blobs: store });
    expect(statements(verdicts, 12, 17).map(({ status }) => status)).toEqual(Array(6).fill('only stated'));
  });

  test('is never called checked where it is an assumption, even if that names a verifier', async () => {
    const dressed: Evidence[] = sampleEvidence.map((record) =>
      record.kind === 'assumption'
        ? { ...record, check: { how: 'here', verifier: 'agreeable', inputs: [] } }
        : record,
    );
    const verdicts = await verifyReceipt(await createSampleReceipt({ evidence: dressed }), {
      ...sampleVerifiers,
      agreeable: async () => ({ found: 'certainly', confirmed: true }),
    });
    for (const [i, { kind }] of dressed.entries()) {
      if (kind !== 'assumption') continue;
      const verdict = verdictOf(verdicts, `statement ${i + 1}`);
      expect(verdict?.status).toBe('only stated');
    }
    expect(dressed.some(({ kind }) => kind === 'assumption')).toBe(true);
  });
});

// One field changed

type Path = readonly (string | number)[];

function* leafPaths(value: unknown, path: Path = []): Generator<Path> {
  if (value === null || typeof value !== 'object') yield path;
  else
    for (const [key, field] of Object.entries(value))
      yield* leafPaths(field, [...path, Array.isArray(value) ? Number(key) : key]);
}

function* objectPaths(value: unknown, path: Path = []): Generator<Path> {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) yield path;
  for (const [key, field] of Object.entries(value))
    yield* objectPaths(field, [...path, Array.isArray(value) ? Number(key) : key]);
}

// biome-ignore lint/suspicious/noExplicitAny: a walk over arbitrary JSON
const parentOf = (root: any, path: Path): any => path.slice(0, -1).reduce((value, key) => value[key], root);

function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  const text = String(value);
  if (text === '') return 'a';
  // The last digit of an address, number or date; the last letter of a sentence.
  return /[0-9]$/.test(text)
    ? text.replace(/.$/, (digit) => String((Number(digit) + 1) % 10))
    : text.replace(/.$/u, (last) => (last === 'a' ? 'b' : 'a'));
}

/**
 * The pieces that may be named for a change at `path`: the leaf's own, or the field's if it is no
 * longer well-formed. `artefact` stands for every artefact.
 */
function piecesOf([field, index]: Path): string[] {
  switch (field) {
    case 'evidence':
      return [`record ${Number(index) + 1}`];
    case 'artefacts':
      return ['field artefacts', 'artefact'];
    case 'anchor':
      return ['anchor', 'signature'];
    case 'leaves':
      return ['leaves', index === 0 ? 'job' : index === 1 ? 'run' : `record ${Number(index) - 1}`];
    case 'version':
      return ['field version'];
    default:
      return [String(field)];
  }
}

async function expectFailure(value: unknown, pieces: readonly string[], what: string) {
  const verdicts = await verifyReceipt(value, sampleVerifiers, { blobs: store });
  const failed = verdicts
    .filter(({ status }) => status === 'failed')
    .flatMap(({ piece }) => [pieceKey(piece), piece.kind]);
  if (!failed.some((name) => pieces.includes(name)))
    expect.fail(`${what}: expected a failure of ${pieces.join(' or ')}, got ${failed.join(', ') || 'none'}`);
  expect(exitCodeOf(verdicts)).toBe(1);
}

describe('a receipt with one field changed says which piece failed', () => {
  test('every value of every field', async () => {
    let walked = 0;
    for (const path of leafPaths(asJson())) {
      const receipt = asJson();
      const key = path.at(-1)!;
      const parent = parentOf(receipt, path);
      parent[key] = changed(parent[key]);
      await expectFailure(receipt, piecesOf(path), `${path.join('.')} changed`);
      walked++;
    }
    expect(walked).toBeGreaterThan(300);
  });

  test('every field deleted', async () => {
    for (const path of leafPaths(asJson())) {
      const receipt = asJson();
      const key = path.at(-1)!;
      const parent = parentOf(receipt, path);
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      // Artefacts are by content; without one, its record is no longer checked. A missing leaf hash
      // is missed as a whole.
      if (path[0] === 'artefacts') {
        const verdicts = await verifyReceipt(receipt, sampleVerifiers);
        expect(verdictOf(verdicts, 'statement 1')?.status).toBe('only stated');
        continue;
      }
      await expectFailure(receipt, piecesOf(path), `${path.join('.')} deleted`);
    }
  });

  test('a field added to every object, by an ordinary name and by the names of prototypes', async () => {
    for (const path of objectPaths(asJson())) {
      for (const key of ['added', '__proto__', 'constructor', 'toString']) {
        const receipt = asJson();
        const object = path.reduce((value, step) => value[step], receipt);
        Object.defineProperty(object, key, {
          value: { x: 1 },
          enumerable: true,
          configurable: true,
          writable: true,
        });
        const pieces = [...(path.length === 0 ? [] : piecesOf(path)), 'receipt'];
        await expectFailure(receipt, pieces, `${key} added to ${path.join('.')}`);
      }
    }
  });

  test('records swapped, repeated, removed or added', async () => {
    const swap = asJson();
    [swap.evidence[1], swap.evidence[2]] = [swap.evidence[2], swap.evidence[1]];
    await expectFailure(swap, ['record 2'], 'swapped');
    const repeat = asJson();
    repeat.evidence.push(repeat.evidence[0]);
    await expectFailure(repeat, ['leaves'], 'repeated');
    const remove = asJson();
    remove.evidence.pop();
    await expectFailure(remove, ['leaves'], 'removed');
    remove.leaves.pop();
    await expectFailure(remove, ['root'], 'removed with its leaf');
  });

  test('content, leaves and root rewritten together, without the runner’s key', async () => {
    const evidence = sampleEvidence.with(0, { ...sampleEvidence[0]!, sentence: 'The model is perfect.' });
    const forged = {
      ...createReceipt(sampleReceipt.run, sampleJob, evidence, []),
      anchor: sampleReceipt.anchor,
    };
    await expectFailure(forged, ['signature'], 'rewritten');
  });

  test('the same, signed by a stranger', async () => {
    const { signature: _, by: __, ...position } = sampleReceipt.anchor!;
    const forged = {
      ...sampleReceipt,
      anchor: await signAnchor(sampleReceipt.root, position, sampleStranger),
    };
    expect(await verifyReceipt(forged, sampleVerifiers)).toContainEqual(
      expect.objectContaining({ piece: { kind: 'signature' }, status: 'failed', code: 'anchor.by' }),
    );
  });

  test('records of another run or of another runner', async () => {
    const { origin } = sampleEvidence[0]!;
    for (const change of [{ run: 'another run' }, { by: sampleStranger.account }]) {
      const record = { ...sampleEvidence[0], origin: { ...origin, ...change } } as Evidence;
      for (const receipt of [
        await createSampleReceipt({ evidence: [record] }),
        createReceipt(sampleReceipt.run, sampleJob, [record], []),
      ]) {
        expect(await verifyReceipt(receipt, sampleVerifiers)).toContainEqual(
          expect.objectContaining({
            piece: { kind: 'statement', number: 1, sentence: record.sentence },
            code: 'evidence.origin',
          }),
        );
      }
    }
  });

  test('a failed piece leaves the statements undecided, never checked', async () => {
    const verdicts = await verifyReceipt({ ...sampleReceipt, root: addressOf(utf8('x')) }, sampleVerifiers, {
      blobs: store,
    });
    const told = statements(verdicts);
    expect(told).toHaveLength(sampleEvidence.length);
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set(['undecided']));
  });
});

test('a receipt without its anchor says that anyone could have written it', async () => {
  const { anchor: _, ...bare } = sampleReceipt;
  const verdicts = await verifyReceipt(bare, sampleVerifiers);
  expect(verdictOf(verdicts, 'anchor')).toMatchObject({
    status: 'only stated',
    because: expect.stringContaining('could have written it'),
  });
  expect(verdictOf(verdicts, 'signature')).toBeUndefined();
});

describe('verifiers', () => {
  const record = (verifier: string): Evidence => ({
    ...sampleEvidence[0]!,
    check: { how: 'here', verifier, inputs: [] },
  });
  const outcome = async (evidence: Evidence, verify: () => Promise<Finding>) => {
    const verdicts = await verifyReceipt(
      await createSampleReceipt({ evidence: [evidence] }),
      { mine: verify },
      { blobs: store },
    );
    return verdicts.at(-1)!;
  };

  test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])(
    'a record cannot be called checked by naming %s',
    async (name) => {
      const verdict = await outcome(record(name), async () => ({ found: 'fine', confirmed: false }));
      expect(verdict).toMatchObject({
        status: 'undecided',
        because: `this program has no verifier named ${name}`,
      });
    },
  );

  test('a contradiction fails with its code', async () => {
    const verdict = await outcome(record('mine'), async () => {
      throw new NonetError({ code: 'sum.differs', expected: '7', found: '8' });
    });
    expect(verdict).toMatchObject({ status: 'failed', code: 'sum.differs', expected: '7', found: '8' });
  });

  test.each([
    ['an unreachable store', new TypeError('fetch failed')],
    ['a stack overflow', new RangeError('Maximum call stack size exceeded')],
    ['what is said to be undecided', new UndecidedError({ code: 'x', expected: 'a', found: 'b' })],
  ])('%s leaves a piece undecided and does not escape', async (_, error) => {
    const verdict = await outcome(record('mine'), () => Promise.reject(error));
    expect(verdict).toMatchObject({ status: 'undecided', because: error.message });
  });

  test('a store that returns other bytes is not believed', async () => {
    const lying = { ...store, get: async () => contentOf(utf8(JSON.stringify({ accuracy: 0.8794 }))) };
    const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers, { blobs: lying });
    expect(verdictOf(verdicts, 'statement 2')).toMatchObject({
      status: 'failed',
      code: 'blob.corrupt',
    });
  });

  test('may ask whether a blob is there, and may not write', async () => {
    const verdicts = await verifyReceipt(
      sampleReceipt,
      {
        'federation.accuracy': async (_, blobs) => {
          expect(await blobs.has(sampleEvidence[0]!.artefact!)).toBe(true);
          expect(await blobs.has(addressOf(utf8('nothing')))).toBe(false);
          await blobs.put(utf8('x'));
          return { found: 'written', confirmed: false };
        },
      },
      { blobs: store },
    );
    expect(verdictOf(verdicts, 'statement 1')).toMatchObject({
      code: 'blob.readOnly',
    });
  });
});

// Ledgers

const { signature: _signature, by: _by, ...sampleEntry } = sampleReceipt.anchor!;

/** A ledger with the runner's entry, or with that of another account. */
function createLedger(
  entry: AnchorPosition | Error = sampleEntry,
  terms: JobTerms | undefined = termsOf(sampleJob),
  by: Account = sampleRunner.account,
): Ledger {
  const absent = () => Promise.reject(new Error('not part of verification'));
  return {
    chainId: 31337,
    contract: sampleEntry.contract,
    operator: 'other',
    jobs: { create: absent, read: async (job) => (job === idOfJob(sampleJob) ? terms : undefined) },
    rounds: {
      submit: absent,
      submitAll: absent,
      moves: absent,
      gasUsed: absent,
      follow: () => {
        throw new Error('not part of verification');
      },
    },
    anchors: {
      post: absent,
      find: async (job, _, account) => {
        if (entry instanceof Error) throw entry;
        return account === by && job === idOfJob(sampleJob) ? entry : undefined;
      },
    },
    models: { register: absent, find: absent },
    now: async () => 0,
  };
}
const url = 'https://ledger.example';
const asked = { url, chainId: 31337, contract: sampleEntry.contract, operator: 'other' };
const against = (ledger: Ledger, receipt: Receipt = sampleReceipt) =>
  verifyReceipt(receipt, sampleVerifiers, { blobs: store, ledger: { ledger, url } });

describe('a ledger', () => {
  test('that agrees: the verdict names chain, contract and signer', async () => {
    const verdicts = await against(createLedger());
    const anchor = verdictOf(verdicts, 'anchor');
    expect(anchor).toMatchObject({ status: 'checked against', ledger: asked });
    expect(anchor).toMatchObject({
      found: `contract ${sampleEntry.contract} on chain 31337 holds it since block 412, recorded by ${sampleRunner.account} in transaction ${sampleEntry.transaction}`,
    });
    expect(verdictOf(verdicts, 'terms')).toMatchObject({
      status: 'checked against',
      ledger: asked,
      found: expect.stringContaining(`created by ${sampleRunner.account}`),
    });
    expect(exitCodeOf(verdicts)).toBe(0);
  });

  test('that confirms what a record rests on: its verdict names the ledger, any other does not', async () => {
    const verdictsWith = (confirmed: boolean, ledger?: Ledger) =>
      verifyReceipt(
        sampleReceipt,
        { ...sampleVerifiers, 'federation.accuracy': async () => ({ found: 'so', confirmed }) },
        { blobs: store, ...(ledger === undefined ? {} : { ledger: { ledger, url } }) },
      );
    const [confirmed, own, alone] = await Promise.all([
      verdictsWith(true, createLedger()),
      verdictsWith(false, createLedger()),
      verdictsWith(true),
    ]);
    expect(verdictOf(confirmed, 'statement 1')).toMatchObject({ status: 'checked against', ledger: asked });
    expect(verdictOf(own, 'statement 1')).toMatchObject({ status: 'checked here' });
    expect(verdictOf(alone, 'statement 1')).toMatchObject({ status: 'checked here' });
  });

  test('that knows no such anchor, or only one of a stranger', async () => {
    const none = createLedger();
    for (const ledger of [
      { ...none, anchors: { ...none.anchors, find: async () => undefined } },
      createLedger(sampleEntry, termsOf(sampleJob), sampleStranger.account),
    ]) {
      expect(verdictOf(await against(ledger), 'anchor')).toMatchObject({
        status: 'failed',
        code: 'anchor.missing',
      });
    }
  });

  test.each(['transaction', 'block', 'at', 'gas'] as const)('that has another %s', async (field) => {
    const other = field === 'transaction' ? addressOf(utf8('x')) : 1;
    const verdicts = await against(createLedger({ ...sampleEntry, [field]: other }));
    expect(verdictOf(verdicts, 'anchor')).toMatchObject({ status: 'failed', code: 'anchor.differs' });
    expect(exitCodeOf(verdicts)).toBe(1);
  });

  test('that cannot be reached', async () => {
    const verdicts = await against(createLedger(new Error('connection refused')));
    expect(verdictOf(verdicts, 'anchor')).toMatchObject({
      status: 'undecided',
      because: 'connection refused',
    });
    expect(exitCodeOf(verdicts)).toBe(3);
  });

  test('that is not the one of the anchor decides nothing, and both are named', async () => {
    for (const change of [{ chainId: 1 }, { contract: sampleStranger.account }]) {
      const ledger = { ...createLedger(), ...change };
      expect(verdictOf(await against(ledger), 'anchor')).toMatchObject({
        status: 'undecided',
        because: `it names contract ${sampleEntry.contract} on chain 31337; ${url} is contract ${ledger.contract} on chain ${ledger.chainId}`,
      });
    }
  });

  test('that ran the job on other terms', async () => {
    const terms = { ...termsOf(sampleJob), minParticipants: 1 };
    const verdicts = await against(createLedger(sampleEntry, terms));
    expect(verdictOf(verdicts, 'terms')).toMatchObject({ status: 'failed', code: 'job.terms' });
  });

  test('that cannot be asked for the terms', async () => {
    const lost = createLedger();
    const read = () => Promise.reject(new Error('connection refused'));
    const verdicts = await against({ ...lost, jobs: { ...lost.jobs, read } });
    expect(verdictOf(verdicts, 'terms')).toMatchObject({
      status: 'undecided',
      because: 'connection refused',
    });
  });

  test('that does not know the job', async () => {
    const none = createLedger();
    const verdicts = await against({ ...none, jobs: { ...none.jobs, read: async () => undefined } });
    expect(verdictOf(verdicts, 'terms')).toMatchObject({ status: 'undecided' });
  });

  test('has no terms to compare with for a job whose mechanism does not exist yet', async () => {
    const { version, name, creator, guarantees, stores, escrow, bond, expiry } = sampleJob;
    const shared = { version, name, creator, guarantees, stores, escrow, bond, expiry };
    const { parameters } = sampleJob.model;
    const asked = { model: { graph: parameters, parameters }, input: parameters, providers: [creator] };
    const job = parseJob({ kind: 'infer', ...asked, ...shared });
    const receipt = await createSampleReceipt({ job, evidence: [] });
    expect(verdictOf(await against(createLedger(), receipt), 'terms')).toMatchObject({
      status: 'undecided',
      because: expect.stringContaining('a job of kind infer'),
    });
  });

  test('finds an anchor that the receipt has lost, unless a stranger posted it', async () => {
    const { anchor: _, ...bare } = sampleReceipt;
    expect(verdictOf(await against(createLedger(), bare), 'anchor')?.status).toBe('checked against');
    const posted = createLedger(sampleEntry, termsOf(sampleJob), sampleStranger.account);
    expect(verdictOf(await against(posted, bare), 'anchor')?.status).toBe('only stated');
    expect(verdictOf(await against(createLedger(new Error('down')), bare), 'anchor')?.status).toBe(
      'only stated',
    );
  });

  test('that was not asked: the anchor is only stated, and says where it is said to be', async () => {
    const verdicts = await verifyReceipt(sampleReceipt, sampleVerifiers);
    expect(verdictOf(verdicts, 'anchor')).toMatchObject({
      status: 'only stated',
      because: `it was not looked up; contract ${sampleEntry.contract} on chain 31337 is said to hold it since block 412`,
    });
  });
});

// Hostile files

const deep: unknown[] = [];
for (let i = 0, at = deep; i < 1e5; i++) at.push((at = []) as never);

describe('hostile input is a verdict, not an exception', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a text', 'receipt'],
    ['a list', []],
    ['an empty object', {}],
    ['a function', () => 0],
    ['a list nested a hundred thousand times', deep],
    [
      'such a list inside',
      { ...asJson(), job: { ...asJson().job, guarantees: [{ mechanism: 'm', parameters: deep }] } },
    ],
    ['a lone surrogate', { ...asJson(), run: '\ud800' }],
    ['a key that is a terminal escape', { ...asJson(), '\u001b[2J': 1 }],
    ['artefacts with a wrong key', { ...asJson(), artefacts: { toString: '0x00' } }],
    ['a time beyond the calendar', { ...asJson(), anchor: { ...sampleReceipt.anchor, at: 2 ** 53 - 1 } }],
    [
      'base64 that could be spelled otherwise',
      { ...asJson(), artefacts: { [addressOf(utf8('f'))]: 'data:;base64,Zh==' } },
    ],
    [
      'base64 of another type',
      { ...asJson(), artefacts: { [addressOf(utf8('f'))]: 'data:text/plain;base64,Zg==' } },
    ],
    ['an odd number of hexadecimal digits', { ...asJson(), artefacts: { [addressOf(utf8(''))]: '0x0' } }],
  ])('%s', async (_, value) => {
    const verdicts = await verifyReceipt(value, sampleVerifiers);
    expect(verdicts).toMatchObject([{ status: 'failed', code: 'receipt.malformed' }]);
    expect(JSON.stringify(verdicts)).not.toContain('\\u001b');
    if (value !== undefined) expect(() => parseReceipt(value)).toThrow(NonetError);
  });

  test('an artefact of ten megabytes', async () => {
    const bytes = new Uint8Array(1e7);
    const receipt = createReceipt('run', sampleJob, [], [bytes]);
    expect(receipt.artefacts[addressOf(bytes)]).toMatch(/^data:;base64,AAAA/);
    const verdicts = await verifyReceipt(receipt, {});
    expect(verdictOf(verdicts, `artefact ${addressOf(bytes)}`)?.status).toBe('checked here');
  });

  test('ten thousand records', async () => {
    const evidence = Array.from({ length: 10_000 }, () => sampleEvidence.at(-1)!);
    const verdicts = await verifyReceipt(createReceipt(sampleReceipt.run, sampleJob, evidence, []), {});
    expect(verdicts).toHaveLength(20_004);
    expect(exitCodeOf(verdicts)).toBe(0);
  });
});

test('another job gives another root, so an anchor cannot be moved to it', async () => {
  const job = requireTrainJob(parseJob({ ...sampleJob, name: 'Another job' }));
  const moved = {
    ...createReceipt(sampleReceipt.run, job, sampleEvidence, []),
    anchor: sampleReceipt.anchor,
  };
  await expectFailure(moved, ['signature'], 'moved');
});

test('a blob inside the receipt is as long as a verifier allows, like one of any store', async () => {
  let asked: unknown;
  await verifyReceipt(sampleReceipt, {
    ...sampleVerifiers,
    'federation.accuracy': async ({ artefact }, blobs) => {
      asked = await blobs.get(artefact!, { maximumBytes: 3 }).catch((cause) => cause.code);
      return { found: 'nothing', confirmed: false };
    },
  });
  expect(asked).toBe('blob.oversized');
});
