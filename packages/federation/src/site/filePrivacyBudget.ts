/**
 * A privacy budget in a directory of its own: one file per charge, numbered without gaps, each with
 * the hash of the one before. A charge is written beside its place, synced, and linked under the next
 * number, which fails where another process was faster; so the number never falls, two jobs of a
 * site may share a budget, and a crash leaves the charge whole or not there. What was removed at the
 * end leaves no gap: that is what `published` is compared for.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NonetError, sha256, toHex } from '@nonet/core';
import { addressSchema } from '@nonet/core/records';
import { z } from 'zod';
import {
  assertKnows,
  assertRoom,
  type BudgetCharge,
  isCharged,
  type PrivacyBudget,
  type PrivacyLimit,
  repeatCost,
  spentEpsilon,
} from './privacyBudget.ts';

const mechanismSchema = z.strictObject({
  kind: z.literal('discreteGaussianSum'),
  shareSigma: z.number().positive(),
  shares: z.int().positive(),
  sensitivity: z.number().positive(),
  dimension: z.int().positive(),
  samplingRate: z.number().positive().max(1),
});

const costFields = {
  unit: z.enum(['record', 'participant']),
  count: z.int().positive(),
  distance: z.number().nonnegative(),
  mechanism: mechanismSchema,
};

const recordSchema = z.strictObject({
  version: z.literal(2),
  /** SHA-256 of the file before; 32 zero bytes in the first. */
  previous: z.string(),
  charge: z.strictObject({
    job: addressSchema,
    round: z.int().nonnegative(),
    contribution: addressSchema,
    ...costFields,
    besides: z.array(z.strictObject(costFields)).exactOptional(),
  }),
});

interface Ledger {
  readonly charges: readonly BudgetCharge[];
  /** Hash of the last file. */
  readonly last: string;
}

const nothing = toHex(new Uint8Array(32));
const extension = '.charge';

/**
 * `folder` belongs to one dataset, and is created when needed; the one that it is in exists. Reading
 * throws `budget.torn`.
 */
export function createFileBudget(folder: string, limit: PrivacyLimit): PrivacyBudget {
  const read = () => readCharges(folder);
  return {
    spent: async () => spentEpsilon((await read()).charges, limit),
    async charge(charge, published) {
      for (;;) {
        const { charges, last } = await read();
        if (isCharged(charges, charge)) return 'repeated';
        assertKnows(charges, published);
        assertRoom(charges, [charge], limit);
        const record = { version: 2, previous: last, charge };
        if (await append(folder, charges.length, JSON.stringify(record))) return 'charged';
      }
    },
    async assertRoom(round, rounds) {
      assertRoom((await read()).charges, [repeatCost(round, rounds)], limit);
    },
  };
}

/** False where another process has taken the number. */
async function append(folder: string, number: number, text: string): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const incoming = join(folder, `${randomUUID()}.incoming`);
  const file = await open(incoming, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(incoming, join(folder, `${number}${extension}`));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  } finally {
    await unlink(incoming);
  }
  await syncFolder(folder);
  // Else the folder itself, with its first charge, may be gone after a power cut.
  if (number === 0) await syncFolder(dirname(folder));
  return true;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}

async function readCharges(folder: string): Promise<Ledger> {
  const numbers = (await list(folder))
    .filter((name) => name.endsWith(extension))
    .map((name) => Number(name.slice(0, -extension.length)))
    .sort((a, b) => a - b);
  const charges: BudgetCharge[] = [];
  let last = nothing;
  for (const [place, number] of numbers.entries()) {
    const bytes =
      number === place ? new Uint8Array(await readFile(join(folder, `${number}${extension}`))) : undefined;
    const record = bytes === undefined ? undefined : parse(bytes);
    if (bytes === undefined || record?.previous !== last) {
      throw new NonetError({
        code: 'budget.torn',
        expected: `charge ${place} of the dataset's privacy budget, whole and after the one before`,
        found: number === place ? 'another record' : `charge ${number} instead`,
        hint: `Put ${folder} back as it was: what was spent cannot be told without it.`,
      });
    }
    charges.push(record.charge);
    last = toHex(sha256(bytes));
  }
  return { charges, last };
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}

function parse(bytes: Uint8Array): z.infer<typeof recordSchema> | undefined {
  try {
    return recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}
