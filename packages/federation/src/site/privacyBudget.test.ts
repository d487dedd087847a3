import { cp, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, addressOf, utf8 } from '@nonet/core';
import { chargeOfRound, composeCharges, orderOfBudget, planPrivacy, reviewPlan } from '@nonet/privacy/dp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFileBudget } from './filePrivacyBudget.ts';
import { type BudgetCharge, createMemoryBudget, type PrivacyLimit } from './privacyBudget.ts';

const code = (code: string) => expect.objectContaining({ code });
const address = (text: string): Address => addressOf(utf8(text));
const setting = { dimension: 100, minParticipants: 16, maxParticipants: 20, rounds: 10 };
const { parameters } = planPrivacy(
  {
    unit: 'record',
    form: 'distributed',
    epsilon: 2,
    delta: 1e-5,
    clippingNorm: 1,
    releases: 10,
    samplingRate: 0.3,
    maximumBatch: 1088,
    maximumRecords: 3000,
    expectedBatch: 18_000,
    honest: 8,
  },
  setting,
);
const limit: PrivacyLimit = { unit: 'record', epsilon: 2, delta: 1e-5 };
const ofRound = chargeOfRound(parameters, setting);
const charge = (round: number, job = 'job'): BudgetCharge => ({
  ...ofRound,
  job: address(job),
  round,
  contribution: address(`${job} ${round}`),
});

async function createFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'nonet-budget-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
const budgets = {
  memory: async () => createMemoryBudget(limit),
  file: async () => createFileBudget(await createFolder(), limit),
};

describe.each(Object.entries(budgets))('a budget in %s', (_, create) => {
  test('holds as many rounds as the plan, and refuses the next with figures', async () => {
    const budget = await create();
    expect(await budget.spent()).toBe(0);
    await budget.assertRoom(ofRound, 10);
    await expect(budget.assertRoom(ofRound, 11)).rejects.toThrow(code('budget.spent'));
    for (let round = 0; round < 10; round++) expect(await budget.charge(charge(round), [])).toBe('charged');
    expect(await budget.spent()).toBeCloseTo(reviewPlan(parameters, setting).epsilon, 6);
    const refused = budget.charge(charge(10), []);
    await expect(refused).rejects.toThrow(code('budget.spent'));
    await expect(refused).rejects.toThrow(
      /expected epsilon of at most 2 .* found (1\.99\d|2\.000) spent, 2\.\d+ with this/,
    );
    expect(await budget.spent()).toBeLessThanOrEqual(2);
  });

  test('adds jobs up, and other rounds of other plans', async () => {
    const budget = await create();
    await budget.charge(charge(0, 'one'), []);
    const once = await budget.spent();
    await budget.charge(charge(0, 'two'), []);
    const twice = await budget.spent();
    expect(twice).toBeGreaterThan(once);
    await budget.charge({ ...charge(1, 'two'), mechanism: { ...ofRound.mechanism, shareSigma: 1e4 } }, []);
    expect(await budget.spent()).toBeGreaterThan(twice);
  });

  test('charges all that is in the same bytes, now and beforehand', async () => {
    const budget = await create();
    const alike = await create();
    const double = { ...charge(0), besides: [ofRound] };
    await budget.assertRoom({ ...ofRound, besides: [ofRound] }, 5);
    await expect(budget.assertRoom({ ...ofRound, besides: [ofRound] }, 6)).rejects.toThrow(
      code('budget.spent'),
    );
    expect(await budget.charge(double, [])).toBe('charged');
    expect(await budget.charge(double, [])).toBe('repeated');
    for (const round of [0, 1]) await alike.charge(charge(round), []);
    expect(await budget.spent()).toBe(await alike.spent());
  });

  test('charges the same bytes of a job once, although the budget is spent', async () => {
    const budget = await create();
    for (let round = 0; round < 10; round++) await budget.charge(charge(round), []);
    const spent = await budget.spent();
    expect(await budget.charge(charge(3), [])).toBe('repeated');
    expect(await budget.charge({ ...charge(3), round: 11 }, [])).toBe('repeated');
    expect(await budget.spent()).toBe(spent);
    await expect(budget.charge({ ...charge(3), contribution: address('fresh noise') }, [])).rejects.toThrow(
      code('budget.spent'),
    );
  });

  test('refuses to go on where the ledger shows what it does not know', async () => {
    const budget = await create();
    await budget.charge(charge(0), []);
    const shown = { job: address('job'), round: 0, contribution: charge(0).contribution };
    expect(await budget.charge(charge(1), [shown])).toBe('charged');
    // A ledger binds 224 bits of an address, and may show other digits behind them.
    const bound = `${shown.contribution.slice(0, 58)}00000000` as Address;
    expect(await budget.charge(charge(2), [{ ...shown, contribution: bound }])).toBe('charged');
    const unknown = { job: address('job'), round: 7, contribution: address('forgotten') };
    const refused = budget.charge(charge(3), [shown, unknown]);
    await expect(refused).rejects.toThrow(code('budget.behind'));
    await expect(refused).rejects.toThrow('round 7');
    const elsewhere = { ...shown, job: address('another job') };
    await expect(budget.charge(charge(3), [elsewhere])).rejects.toThrow(code('budget.behind'));
  });
});

test('a budget for participants takes no rounds that protect records, and the reverse is fine', async () => {
  const participants = createMemoryBudget({ ...limit, unit: 'participant' });
  await expect(participants.charge(charge(0), [])).rejects.toThrow(code('budget.unit'));
  await expect(participants.assertRoom(ofRound, 1)).rejects.toThrow(code('budget.unit'));
  const records = createMemoryBudget(limit);
  expect(await records.charge({ ...charge(0), unit: 'participant' }, [])).toBe('charged');
});

test('a limit that becomes one for participants does not count rounds that protected records', async () => {
  const folder = await createFolder();
  await createFileBudget(folder, limit).charge(charge(0), []);
  const changed = createFileBudget(folder, { ...limit, unit: 'participant' });
  expect(await changed.spent()).toBe(Number.POSITIVE_INFINITY);
  const refused = changed.charge({ ...charge(1), unit: 'participant' }, []);
  await expect(refused).rejects.toThrow(code('budget.unit'));
  await expect(refused).rejects.toThrow('1 that protected single records');
  // The other way round, what protected participants protected their records.
  const other = await createFolder();
  const participants = createFileBudget(other, { ...limit, unit: 'participant' });
  await participants.charge({ ...charge(0), unit: 'participant' }, []);
  expect(await createFileBudget(other, limit).charge(charge(1), [])).toBe('charged');
});

test('later charges do not move the order by which a budget counts: the first one fixed it', async () => {
  // Much noise and no sampling has its best order elsewhere than the first job.
  const rest = { ...ofRound.mechanism, samplingRate: 1, shareSigma: 20 * ofRound.mechanism.shareSigma };
  const charges = [ofRound, ...Array.from({ length: 40 }, () => ({ ...ofRound, mechanism: rest }))];
  const budget = createMemoryBudget(limit);
  for (const [round, each] of charges.entries()) {
    await budget.charge({ ...charge(round), mechanism: each.mechanism }, []);
  }
  const order = orderOfBudget([ofRound], limit);
  expect(await budget.spent()).toBe(composeCharges(charges, limit.delta, [order]));
  // The best order after the fact gives another figure: smaller, and no bound.
  expect(composeCharges(charges, limit.delta)).toBeLessThan(await budget.spent());
});

describe('a budget in a directory', () => {
  const openBudget = (folder: string) => createFileBudget(folder, limit);

  test('is there for the next process, readable by its owner alone', async () => {
    const folder = await createFolder();
    await openBudget(folder).charge(charge(0), []);
    expect(await openBudget(folder).charge(charge(0), [])).toBe('repeated');
    const path = join(folder, '0.charge');
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('takes two processes at once: no charge is lost', async () => {
    const folder = await createFolder();
    const charges = Array.from({ length: 8 }, (_, round) => openBudget(folder).charge(charge(round), []));
    expect(await Promise.all(charges)).toEqual(new Array(8).fill('charged'));
    const names = (await readdir(folder)).sort();
    expect(names).toEqual(Array.from({ length: 8 }, (_, number) => `${number}.charge`));
    const all = createMemoryBudget(limit);
    for (let round = 0; round < 8; round++) await all.charge(charge(round), []);
    expect(await openBudget(folder).spent()).toBe(await all.spent());
  });

  test('ignores what a crash left of a write', async () => {
    const folder = await createFolder();
    await openBudget(folder).charge(charge(0), []);
    await writeFile(join(folder, 'abc.incoming'), '{"version":1,');
    expect(await openBudget(folder).charge(charge(1), [])).toBe('charged');
  });

  test('that was restored from a backup is refused by what the ledger shows', async () => {
    const [folder, backup] = [await createFolder(), await createFolder()];
    await openBudget(folder).charge(charge(0), []);
    await cp(folder, backup, { recursive: true });
    await openBudget(folder).charge(charge(1), []);
    const published = [0, 1].map((round) => ({
      job: address('job'),
      round,
      contribution: charge(round).contribution,
    }));
    expect(await openBudget(folder).charge(charge(2), published)).toBe('charged');
    await expect(openBudget(backup).charge(charge(2), published)).rejects.toThrow(code('budget.behind'));
  });

  test.each<[string, (folder: string) => Promise<void>]>([
    ['a charge is missing', (folder) => unlink(join(folder, '1.charge'))],
    ['the first one is missing', (folder) => unlink(join(folder, '0.charge'))],
    [
      'a charge was changed',
      async (folder) => {
        const path = join(folder, '1.charge');
        await writeFile(path, (await readFile(path, 'utf8')).replace('"round":1', '"round":5'));
      },
    ],
    [
      'a charge is cut off',
      async (folder) => {
        const path = join(folder, '2.charge');
        await writeFile(path, (await readFile(path, 'utf8')).slice(0, -5));
      },
    ],
    [
      'a charge is that of other data',
      async (folder) => {
        const other = await createFolder();
        for (const round of [5, 1, 2]) await openBudget(other).charge(charge(round), []);
        await cp(join(other, '2.charge'), join(folder, '2.charge'));
      },
    ],
    ['a file is none of its own', (folder) => writeFile(join(folder, 'x.charge'), '')],
  ])('is refused where %s', async (_, damage) => {
    const folder = await createFolder();
    for (const round of [0, 1, 2]) await openBudget(folder).charge(charge(round), []);
    await damage(folder);
    await expect(openBudget(folder).charge(charge(3), [])).rejects.toThrow(code('budget.torn'));
    await expect(openBudget(folder).spent()).rejects.toThrow(code('budget.torn'));
  });
});
