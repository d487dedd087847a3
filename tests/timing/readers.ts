/**
 * Everything that reads a value which others wrote, each with valid values to start from. A reader
 * takes the value as it comes from its file, does all that a command would do with it, and may
 * throw. Not here: graphs, ONNX and tables, whose budgets are tested where they are.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, fromHex, type Hex } from '@nonet/core';
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import { createReceipt, parseReceipt, receiptView, verifyReceipt } from '@nonet/core/receipt';
import { parseJob, requireTrainJob } from '@nonet/core/records';
import { sampleReceipt } from '@nonet/core/testing/receipt';
import { federationMechanisms } from '@nonet/federation';
import { federationVerifiers, narrateTraining } from '@nonet/federation/verify';
import { overlayFromFile, overlaySchema, scenarios } from '@nonet/limits';
import { advise, needsSchema, parseNeeds } from '@nonet/matrix/advice';
import { evaluateProject, parseProject } from '@nonet/matrix/evaluation';
import { parseBytecode, probeBytecode, probeRepository } from '@nonet/matrix/probes';
import { projects } from '@nonet/matrix/projects';
import { decodeSafetensors } from '@nonet/tensor';
import { stringify } from 'yaml';
import { z } from 'zod';
import { parseYaml } from '../../apps/cli/src/files/yaml.ts';
import { readYamlJob } from '../../apps/cli/src/files/yamlJob.ts';
import { foreignValues } from '../../apps/cli/src/terminal/foreignText.ts';
import { decodeMove, encodeMove } from '../../packages/chain/src/moves.ts';
import { decodeLedgerRecord } from '../../packages/federation/src/verify/ledgerRecord.ts';
import { root } from '../nonet.ts';

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Characters of a value as JSON. */
export const lengthOf = (value: Json): number => JSON.stringify(value).length;

/** One way of reading what others wrote. */
export interface Reader {
  /** Valid values, from which the fuzzer makes large ones. */
  readonly seeds: readonly Json[];
  read(value: Json): unknown;
}

const plain = (value: unknown): Json =>
  JSON.parse(JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? String(field) : field)));
const json = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Json;
const hash = `0x${'12'.repeat(32)}` as const;
const account = `0x${'12'.repeat(20)}`;

const realReceipt = json('docs/questions/receipt.json');

const realJob = (realReceipt as { readonly job: Json }).job;
/** The moves of its ledger: the longer of its two artefacts. */
const record = recordIn(realReceipt as { readonly artefacts: Readonly<Record<string, string>> });

function recordIn({ artefacts }: { readonly artefacts: Readonly<Record<string, string>> }) {
  const [longest] = Object.values(artefacts).sort((a, b) => b.length - a.length);
  return decodeCanonical(fromHex(longest as Hex)) as { readonly events: readonly Json[] };
}

/** Checks a receipt and tells of it, the tree closed anew if it can be: else nothing else is seen. */
async function readReceipt(value: Json): Promise<unknown> {
  const read = async (receipt: unknown) => {
    const verdicts = await verifyReceipt(receipt, federationVerifiers);
    return foreignValues(receiptView(parseReceipt(receipt), verdicts, { train: narrateTraining }));
  };
  let closed: unknown = value;
  try {
    const { run, job, evidence, artefacts, ...rest } = parseReceipt(value);
    closed = { ...rest, ...createReceipt(run, job, evidence, []), artefacts, anchor: undefined };
  } catch {
    // Malformed, which has its own path.
  }
  return read(plain(closed));
}

function readSafetensors(header: Json): unknown {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + 64);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return decodeSafetensors(bytes);
}

async function readJobFile(value: Json): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'nonet-timing-'));
  try {
    const file = join(folder, 'job.yaml');
    writeFileSync(file, JSON.stringify(value));
    return await readYamlJob(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const yamlJob: Json = {
  name: 'x',
  model: { hidden: [2] },
  data: {
    shape: [2],
    labels: ['a', 'b'],
    table: {
      target: 't',
      columns: [
        { kind: 'number', name: 'n', mean: 0, deviation: 1 },
        { kind: 'category', name: 'c', values: ['x'] },
      ],
      missing: 'refuse',
    },
  },
  training: { epochs: 1, batch: 1, learningRate: 0.1, momentum: 0 },
  rounds: 1,
  sites: ['a.yaml'],
};

const storeReceipt = { blob: hash, size: 1, store: account, signature: `0x${'12'.repeat(65)}` };
const leaf = { length: 4, leaf: '0x00', path: [hash] };

/** The readers by name. */
export const readers: Readonly<Record<string, Reader>> = {
  receipt: { seeds: [realReceipt, plain(sampleReceipt)], read: readReceipt },
  job: { seeds: [realJob], read: (value) => parseJob(value) },
  'job file': { seeds: [yamlJob], read: readJobFile },
  yaml: {
    seeds: [yamlJob, { a: { b: ['c', { d: 'e' }] } }],
    read: (value) => parseYaml(z.unknown(), stringify(value), 'file', 'record'),
  },
  needs: {
    seeds: [
      {
        workload: 'train',
        model: { parameters: 50_000 },
        parties: 5,
        examplesPerParty: 2000,
        rounds: 20,
        data: 'at their owners',
        sensitivity: 'internal',
        distrust: [{ who: 'owners', whom: 'the operator' }],
        links: { uploadMbit: 20, downloadMbit: 50, latencyMilliseconds: 30 },
        budget: { hours: 2 },
        requirements: ['data must not leave the site'],
      },
    ],
    read(value) {
      const needs = parseNeeds(needsSchema.parse(value));
      return foreignValues(advise(needs, { available: federationMechanisms.map(({ id }) => id), runs: [] }));
    },
  },
  project: {
    seeds: projects.slice(0, 4).map(plain),
    read: (value) => foreignValues(evaluateProject(parseProject(value, 'file'), { asOf: '2026-11-30' })),
  },
  scenario: {
    seeds: [
      {
        title: 'a',
        source: 'b',
        parameters: { campusWatts: 2e10 },
        correlations: [['campusWatts', 'campusWatts', 0.1]],
      },
    ],
    read: (value) => overlayFromFile(overlaySchema.parse(value), 'x', scenarios),
  },
  cbor: {
    seeds: [yamlJob, [1, [2, 'x'], { a: 0.5 }]],
    read: (value) => decodeCanonical(encodeCanonical(value)),
  },
  safetensors: {
    seeds: [
      {
        __metadata__: { a: 'b' },
        x: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
        y: { dtype: 'F32', shape: [0], data_offsets: [16, 16] },
      },
    ],
    read: readSafetensors,
  },
  record: {
    // Whole, and up to moves that hold lists.
    seeds: [record.events.length, 1, 7, 11, 12].map((moves) => ({
      ...record,
      events: record.events.slice(0, moves),
    })),
    read: (value) => decodeLedgerRecord(encodeCanonical(value), requireTrainJob(parseJob(realJob))),
  },
  move: {
    seeds: [
      { type: 'admit', accounts: [account] },
      { type: 'close', round: 0, committed: 2, unavailable: [0] },
      { type: 'appeal', round: 0, receipts: [storeReceipt] },
      {
        type: 'prove',
        round: 0,
        lie: { kind: 'average', entry: 0, start: leaf, next: leaf, terms: [leaf] },
      },
    ],
    read: (value) => decodeMove(encodeMove(hash as Address, value as never)),
  },
  bytecode: {
    seeds: ['0x6080604052638da5cb5b14', ' ', '0x60'],
    read: (value) => probeBytecode(parseBytecode(String(value))),
  },
  repository: {
    seeds: [
      { 'README.md': 'it is not yet been fully audited', LICENSE: 'permission is hereby', 'tests/a.ts': '' },
    ],
    read(value) {
      const files = value as Readonly<Record<string, string>>;
      return probeRepository({
        commit: '0'.repeat(40),
        committed: '2026-01-01',
        commits: 1,
        commitsLastYear: 1,
        authorsLastYear: 1,
        paths: Object.keys(files),
        read: (path) => String(files[path]),
      });
    },
  },
};
