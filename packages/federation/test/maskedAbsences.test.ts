/**
 * Who is away at which step of a masked round, in every combination of five participants, through
 * rules, ledger and stores: a sum is opened exactly where the specification says so, it is exact, and
 * it follows from published bytes (docs/specs/round.md §12, docs/specs/secagg.md §7).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { includedParticipants } from '../src/rules/state.ts';
import { clearModel, clearSum, createPlay, multisets, type Play } from './maskedPlay.ts';
import { range } from './simulation.ts';

/** What a participant does in a round; who did not register can do no more. */
interface Attendance {
  readonly announces: boolean;
  readonly registers: boolean;
  readonly commits: boolean;
  readonly reveals: boolean;
}

const attendances: readonly Attendance[] = [
  { announces: false, registers: false, commits: false, reveals: false },
  { announces: true, registers: false, commits: false, reveals: false },
  { announces: true, registers: true, commits: false, reveals: false },
  { announces: true, registers: true, commits: false, reveals: true },
  { announces: true, registers: true, commits: true, reveals: false },
  { announces: true, registers: true, commits: true, reveals: true },
];

/** How a round ends, from the specification: who is included, or why it is void. */
function foretell(who: readonly Attendance[], percent: number): readonly number[] | string {
  const all = (does: keyof Attendance) => range(who.length).filter((i) => who[i]![does]);
  const candidates = all('announces').length;
  if (candidates < 3) return 'CohortTooSmall';
  const threshold = Math.floor((candidates * percent) / 100) + 1;
  const smallest = Math.max(3, threshold + 1);
  if (all('registers').length < smallest || all('commits').length < smallest) return 'cohort';
  return all('reveals').length < threshold ? 'reveals' : all('commits');
}

/** Plays a round, waiting for what does not come; whom its sum is over, or why there is none. */
async function playRound(play: Play, who: readonly Attendance[]): Promise<readonly number[] | string> {
  const all = (does: keyof Attendance) => range(who.length).filter((i) => who[i]![does]);
  for (const i of all('announces')) await play.announce(i);
  const refused = await play.open();
  if (refused !== undefined) return refused;
  for (const i of all('registers')) await play.register(i);
  if (play.round().phase === 'open') await play.expire();
  if (play.round().phase === 'void') return play.round().failure!.reason;
  for (const i of all('commits')) await play.commit(i);
  await play.close();
  if (play.round().phase === 'void') return play.round().failure!.reason;
  for (const i of all('reveals')) await play.reveal(i);
  const { recovery, sum, step } = await play.read();
  expect(recovery.faults).toEqual([]);
  const included = includedParticipants(play.round());
  if (sum === undefined) {
    expect(recovery.outcome).toBe('missing');
    await play.expire();
    return play.round().failure!.reason;
  }
  expect(sum).toEqual(clearSum(included));
  expect(step!.address).toBe(clearModel(play.start, included));
  await play.finish(step!);
  expect(play.round().phase).toBe('final');
  return included;
}

/** The values turned by so many places, every other time backwards. */
function turn<T>(values: readonly T[], by: number): T[] {
  const turned = values.map((_, i) => values[(i + by) % values.length]!);
  return by % 2 === 0 ? turned : turned.reverse();
}

test('any combination of absences of five, at any steps', { timeout: 120_000 }, async () => {
  const ends: Record<string, number> = {};
  for (const [number, kinds] of multisets(attendances.length, 5).entries()) {
    // Names differ by the signs of their masks: each combination is played under some of them.
    const who = turn(kinds, number).map((kind) => attendances[kind]!);
    const foretold = foretell(who, 50);
    const ended = await playRound(await createPlay(5, 50), who);
    expect(ended, JSON.stringify(who)).toEqual(foretold);
    const end = typeof ended === 'string' ? ended : 'final';
    ends[end] = (ends[end] ?? 0) + 1;
  }
  expect(ends).toEqual({ CohortTooSmall: 21, cohort: 201, final: 14, reveals: 16 });
});

test('absences of twenty, sampled', { timeout: 120_000 }, async () => {
  const here = attendances.length - 1;
  const one = fc.oneof({ weight: 9, arbitrary: fc.constant(here) }, { weight: 1, arbitrary: fc.nat(here) });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 20, maxLength: 20 }), async (kinds) => {
      const who = kinds.map((kind) => attendances[kind]!);
      expect(await playRound(await createPlay(20, 66), who)).toEqual(foretell(who, 66));
    }),
    { numRuns: 8, endOnFailure: true },
  );
});

/** Turns a byte of the box of each of these holders, of five candidates (docs/specs/secagg.md §4.1). */
function spoilBoxes(holders: readonly number[]) {
  return (blob: Uint8Array) => {
    const spoilt = new Uint8Array(blob);
    for (const holder of holders) spoilt[1024 + 256 * Math.floor(holder / 3) + 80 * (holder % 3)]! ^= 1;
    return spoilt;
  };
}

describe('of five, of whom one deals wrong shares', () => {
  const dealer = 4;
  const threshold = 3;
  const cases = range(5).flatMap((wronged) =>
    range(wronged + 1).flatMap((complaining) =>
      [true, false].map((withholds) => ({ wronged, complaining, withholds })),
    ),
  );

  test('whichever of the wronged complain, and whether it reveals or not', { timeout: 120_000 }, async () => {
    const ends: Record<string, number> = {};
    for (const [number, { wronged, complaining, withholds }] of cases.entries()) {
      const holders = turn(range(4), number).slice(0, wronged);
      const play = await createPlay(5, 50);
      for (const i of range(5)) await play.announce(i);
      await play.open();
      for (const i of range(5)) await play.register(i, i === dealer ? spoilBoxes(holders) : undefined);
      for (const i of range(5)) {
        const { complaints } = await play.membershipOf(i);
        expect(complaints).toEqual(holders.includes(i) ? [{ participant: dealer, reason: 'box' }] : []);
      }
      for (const i of range(5)) await play.commit(i);
      // More than half are enough, and end the round.
      for (const i of holders.slice(0, Math.min(complaining, 3))) await play.complain(i, [dealer]);
      const barred = play.state().participants.map(({ barred }) => barred === true);
      expect(barred).toEqual(range(5).map((i) => i === dealer && complaining >= 3));
      let end = play.round().failure?.reason ?? 'sum';
      if (end === 'sum') {
        await play.close();
        for (const i of range(5)) if (i !== dealer || !withholds) await play.reveal(i);
        const { recovery, sum } = await play.read();
        expect(recovery.faults).toEqual([]);
        const right = 5 - wronged - (withholds ? 1 : 0);
        if (right >= threshold) expect(sum).toEqual(clearSum(range(5)));
        else {
          const missing = [{ participant: dealer, secret: 'selfSeed', lacking: threshold - right }];
          expect(recovery).toMatchObject({ outcome: 'missing', missing });
          end = 'no sum';
        }
      }
      ends[end] = (ends[end] ?? 0) + 1;
    }
    expect(ends).toEqual({ sum: 9, 'no sum': 15, complaints: 6 });
  });

  test('it alone voids no more rounds than the job has attempts, and no one else is barred', async () => {
    const attempts = 3;
    const play = await createPlay(5, 50, attempts);
    for (const _ of range(attempts)) {
      for (const i of range(5)) await play.announce(i);
      await play.open();
      for (const i of range(5)) await play.register(i, i === dealer ? spoilBoxes([0, 1]) : undefined);
      for (const i of range(5)) await play.commit(i);
      for (const i of [0, 1]) await play.complain(i, [dealer]);
      await play.close();
      for (const i of range(4)) await play.reveal(i);
      expect((await play.read()).recovery.outcome).toBe('missing');
      while (play.round().phase !== 'void') await play.expire();
      expect(play.round().masking!.complaints).toEqual({ [dealer]: [0, 1] });
    }
    const { participants, failures } = play.state();
    expect(failures).toBe(attempts);
    expect(participants.filter(({ barred }) => barred === true)).toEqual([]);
    for (const i of range(5)) await play.announce(i);
    expect(await play.open()).toBe('JobEnded');
  });
});

describe('a participant that says two things', () => {
  const started = async (upTo: 'registered' | 'closed') => {
    const play = await createPlay(5, 50);
    for (const i of range(5)) await play.announce(i);
    await play.open();
    for (const i of range(5)) await play.register(i);
    if (upTo === 'registered') return play;
    for (const i of range(5)) await play.commit(i);
    await play.close();
    return play;
  };

  test('has one of them on the ledger, and the sum is that of the first', async () => {
    const play = await createPlay(5, 50);
    const other = async (make: () => Promise<void>) => {
      const before = play.state();
      await expect(make()).rejects.toThrow('Repeated');
      expect(play.state()).toBe(before);
    };
    for (const i of range(5)) await play.announce(i);
    await play.open();
    for (const i of range(4)) await play.register(i);
    await other(() => play.register(3, () => new Uint8Array(256)));
    await play.register(4);
    for (const i of range(5)) await play.commit(i);
    await other(() => play.commit(4, new Uint8Array(4 * 13)));
    await play.close();
    for (const i of range(5)) await play.reveal(i);
    await other(() => play.reveal(4, new Uint8Array(256 + 5 * 32)));
    expect((await play.read()).sum).toEqual(clearSum(range(5)));
  });

  test('gives the message of another as its own: no step follows from the sum', async () => {
    const play = await started('registered');
    for (const i of range(4)) await play.commit(i);
    await play.commit(4, await play.messageOf(3));
    await play.close();
    for (const i of range(5)) await play.reveal(i);
    const { recovery, step } = await play.read();
    expect(recovery.outcome).toBe('recovered');
    expect(step).toBeUndefined();
  });

  test('gives the registration of another as its own: every other member complains', async () => {
    const play = await createPlay(5, 50);
    let copied = new Uint8Array();
    for (const i of range(5)) await play.announce(i);
    await play.open();
    for (const i of range(4)) {
      await play.register(i, (blob) => {
        copied = new Uint8Array(blob);
        return blob;
      });
    }
    await play.register(4, () => copied);
    for (const i of range(4)) {
      expect((await play.membershipOf(i)).complaints).toEqual([{ participant: 4, reason: 'participant' }]);
    }
    for (const i of range(3)) await play.complain(i, [4]);
    expect(play.state().participants[4]!.barred).toBe(true);
  });

  test('gives its own registration of an earlier round: every other member complains', async () => {
    const play = await started('closed');
    const before = play.round().masking!.registrations[4];
    // Too few reveal, and the round is repeated.
    await play.expire();
    for (const i of range(5)) await play.announce(i);
    await play.open();
    for (const i of range(4)) await play.register(i);
    const { bytes } = await play.store.get(before!);
    await play.register(4, () => bytes);
    for (const i of range(4)) {
      expect((await play.membershipOf(i)).complaints).toEqual([{ participant: 4, reason: 'round' }]);
    }
  });

  test('gives the answer of another, or for another set: it is left out, and the sum is right', async () => {
    const play = await started('closed');
    for (const i of range(3)) await play.reveal(i);
    await play.reveal(3, await play.answerOf(0));
    const changed = new Uint8Array(await play.answerOf(4));
    changed[56]! ^= 1;
    await play.reveal(4, changed);
    const { recovery, sum } = await play.read();
    expect(recovery.faults).toEqual([
      { participant: 3, fault: 'participant' },
      { participant: 4, fault: 'set' },
    ]);
    expect(sum).toEqual(clearSum(range(5)));
  });
});
