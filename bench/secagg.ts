/**
 * Pairwise secure aggregation at n participants and d entries: what one participant computes in a
 * round (keys, registration, reading and checking all others', masking, answer) and sends, and what
 * a server computes from published bytes: adding the messages, checking registrations and answers,
 * recovering secrets, taking the masks out; with all there, and with 30 % of the members absent
 * from messages and answers. Each mask is expanded; every sum is compared with the clear sum.
 * Processor time of one thread, so that what else the machine does is not counted.
 *
 * n = 200 takes minutes: `nonet bench secaggLarge`. Flower's server beside it, where its Python is
 * installed (bench/peers/secagg.py, which says what differs); also a minute.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Address, NonetError } from '@nonet/core';
import {
  type AggregationRound,
  candidateOf,
  createAggregationRound,
  createMaskedSum,
  createRegistration,
  createReveal,
  drawRoundSecrets,
  type MaskedSum,
  maskVector,
  openRegistrations,
  recoverMasks,
  unmaskSum,
} from '@nonet/privacy/secagg';
import { benchFigure, type Figure, type Suite } from './suite.ts';

const job = `0x${'01'.repeat(32)}` as Address;
const dataset = `0x${'02'.repeat(32)}` as Address;
const percent = 66;
const absentShare = 0.3;

/** Processor time of this thread in milliseconds. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Runs `work` and adds what it took to the samples at `index`. */
function timed<T>(samples: number[], index: number, work: () => T): T {
  const start = processorTime();
  const result = work();
  samples[index] = (samples[index] ?? 0) + processorTime() - start;
  return result;
}

/** Signed entries of 20 bits and a sign, a new vector for each participant. */
function vectorOf(participant: number, entries: number): Int32Array {
  const vector = new Int32Array(entries);
  let state = participant + 1;
  for (let e = 0; e < entries; e++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    vector[e] = state >> 11;
  }
  return vector;
}

/** A set that is summed, with the sum in the clear beside it. */
interface Server {
  readonly included: readonly number[];
  readonly masked: MaskedSum;
  readonly clear: Int32Array;
  readonly answers: Map<number, Uint8Array>;
  /** Of adding the messages: one sample. */
  readonly adding: number[];
}

/** One round with all its masks; the figures by name, and whether the sums are exact. */
export async function measureRound(
  participants: number,
  entries: number,
  runs: number,
): Promise<{ readonly figures: Readonly<Record<string, Figure>>; readonly isExact: boolean }> {
  const everyone = Array.from({ length: participants }, (_, i) => i);
  const times: number[] = [];
  const secrets = everyone.map((i) => timed(times, i, () => drawRoundSecrets()));
  const candidates = everyone.map((i) => timed(times, i, () => candidateOf(i, secrets[i]!)));
  const round = createAggregationRound({ job, round: 1, candidates, percent });
  const registered = everyone.map((i) =>
    timed(times, i, () => createRegistration(round, i, secrets[i]!, dataset)),
  );
  const registrations = new Map(registered.map(({ blob }, i) => [i, blob]));
  const present = everyone.slice(Math.floor(participants * absentShare));
  const servers = [everyone, present].map((included): Server => {
    const masked = createMaskedSum(entries);
    return { included, masked, clear: new Int32Array(entries), answers: new Map(), adding: [] };
  });
  let upload = 0;
  for (const i of everyone) {
    const vector = vectorOf(i, entries);
    const view = timed(times, i, () => openRegistrations(round, i, secrets[i]!, everyone, registrations));
    if (view.complaints.length > 0) throw new Error(JSON.stringify(view.complaints));
    const message = timed(times, i, () => maskVector(view, registered[i]!.selfSeed, vector));
    for (const { included, masked, clear, answers, adding } of servers) {
      if (!included.includes(i)) continue;
      timed(adding, 0, () => masked.add(i, message));
      for (let e = 0; e < entries; e++) clear[e]! += vector[e]!;
      // A round has one answer: it is timed for the set of all.
      answers.set(
        i,
        timed(included === everyone ? times : [], i, () => createReveal(view, included)),
      );
    }
    upload = registrations.get(i)!.length + message.length + servers[0]!.answers.get(i)!.length;
    // Whatever else waits for this thread may run.
    await setImmediate();
  }
  const [all, some] = servers.map((server) => measureServer(round, registrations, server, runs));
  const name = `pairwise.n${participants}.d${entries >= 1e6 ? `${entries / 1e6}m` : `${entries / 1e3}k`}`;
  return {
    figures: {
      [`${name}.participant`]: benchFigure(times, 'ms'),
      [`${name}.upload`]: benchFigure(upload, 'bytes'),
      [`${name}.server`]: benchFigure(all!.times, 'ms'),
      [`${name}.server.dropout30`]: benchFigure(some!.times, 'ms'),
    },
    isExact: all!.isExact && some!.isExact,
  };
}

function measureServer(
  round: AggregationRound,
  registrations: ReadonlyMap<number, Uint8Array>,
  { included, masked, clear, answers, adding }: Server,
  runs: number,
) {
  const times: number[] = [];
  let isExact = true;
  for (let run = 0; run < runs; run++) {
    const copy = run === runs - 1 ? masked : { ...masked, words: masked.words.slice() };
    times[run] = adding[0]!;
    const sum = timed(times, run, () => {
      const recovery = recoverMasks(round, registrations, included, answers);
      if (recovery.outcome !== 'recovered') throw new Error(recovery.outcome);
      return unmaskSum(copy, recovery);
    });
    isExact &&= sum.every((entry, e) => entry === clear[e]);
  }
  return { times, isExact };
}

const python = fileURLToPath(new URL('../build/flower/bin/python', import.meta.url));
const script = fileURLToPath(new URL('peers/secagg.py', import.meta.url));

/** Flower's server on the same size; no figures where it is not installed. */
function measureFlower(participants: number, entries: number, note: (line: string) => void) {
  if (!existsSync(python)) {
    note('peer not installed: Flower (bench/peers/secagg.py says how)');
    return {};
  }
  note('Flower, a minute');
  const { status, stdout, stderr } = spawnSync(python, [script, `${participants}`, `${entries}`], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new NonetError({
      code: 'bench.python',
      expected: 'a Python with bench/peers/requirements-secagg.txt to run secagg.py',
      found: stderr.trim().split('\n').at(-1) ?? `exit ${status}`,
    });
  }
  const samples = JSON.parse(stdout) as Readonly<Record<string, number>>;
  return Object.fromEntries(
    Object.entries(samples).map(([name, time]) => [`flower.n50.d100k.${name}`, benchFigure(time, 'ms')]),
  );
}

export const suite: Suite = {
  name: 'secagg',
  about:
    'pairwise secure aggregation: time and upload of a participant, time of the server with all there and with 30 % absent, and whether every sum is exact',
  cells: [],
  async run({ note }) {
    const figures: Record<string, Figure> = {};
    let isExact = true;
    for (const [participants, entries, runs] of [
      [20, 100_000, 5],
      [50, 100_000, 5],
      [20, 1_000_000, 1],
      [50, 1_000_000, 1],
    ] as const) {
      note(`${participants} participants, ${entries.toLocaleString('en')} entries`);
      const measured = await measureRound(participants, entries, runs);
      Object.assign(figures, measured.figures);
      isExact &&= measured.isExact;
    }
    Object.assign(figures, measureFlower(50, 100_000, note));
    return { exact: benchFigure(Number(isExact), ''), ...figures };
  },
};
