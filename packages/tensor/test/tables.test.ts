/** Tables of nasty cells: what a plan accepts, every reader takes, and takes alike. */
import { MisuseError } from '@nonet/core';
import { dataSchemaSchema } from '@nonet/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCsv, readCsv } from '../src/datasets/csv.ts';
import { inferSourceSchema, planTable } from '../src/datasets/plan.ts';
import { collectDataset } from '../src/datasets/source.ts';
import {
  readFeatureRows,
  readTable,
  readTableSource,
  rewriteNumbers,
  type Table,
} from '../src/datasets/table.ts';

const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const textOf = ({ columns, rows }: Pick<Table, 'columns' | 'rows'>, delimiter = ',') =>
  [columns, ...rows.map(({ cells }) => cells)]
    .map((cells) => `${cells.map(quote).join(delimiter)}\n`)
    .join('');

const numbers = [
  '0',
  '1',
  '-1',
  '1.0',
  '2.5',
  '48,9',
  '12,869',
  '1.234',
  '1 000',
  '1e3',
  '1700000001',
  '007',
];
const texts = [
  'a',
  'B',
  'b ',
  'NA',
  '',
  '?',
  '-',
  'None',
  'yes',
  'Yes',
  '__proto__',
  'x,y',
  'two\nlines',
  '5 mg',
];
const column = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...numbers).map((one) => [one, '1', '2', '3']) },
  { weight: 2, arbitrary: fc.subarray(numbers, { minLength: 1 }) },
  { weight: 3, arbitrary: fc.subarray(texts, { minLength: 1 }) },
  { weight: 1, arbitrary: fc.subarray([...numbers, ...texts], { minLength: 1 }) },
);
const table = fc
  .tuple(
    fc.array(fc.tuple(column, fc.array(fc.nat(), { minLength: 24, maxLength: 24 })), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.constantFrom(',', ';', '\t'),
  )
  .map(([columns, delimiter]) => {
    const rows = Array.from({ length: 24 }, (_, row) => ({
      row: row + 2,
      cells: [...columns.map(([values, picks]) => values[picks[row]! % values.length]!), 'pq'[row % 2]!],
    }));
    return {
      text: textOf({ columns: [...columns.map((_, i) => `c${i}`), 'y'], rows }, delimiter),
      delimiter,
    };
  });
const options = { target: 'y', missing: 'drop', other: true } as const;

/** What a plan makes of it, or undefined where it refuses, which it may in words of its own alone. */
function planned(text: string) {
  const read = readCsv(text);
  try {
    return { read, plan: planTable(read, options) };
  } catch (error) {
    expect(error).toBeInstanceOf(MisuseError);
    expect((error as MisuseError).code).toMatch(/^table\./);
    return undefined;
  }
}

describe('a table that a plan accepts', () => {
  it('is read without an error but that every row misses something (seed 0x7461626c)', () => {
    let accepted = 0;
    fc.assert(
      fc.property(table, ({ text, delimiter }) => {
        const result = planned(text);
        if (result === undefined) return;
        const { read, plan } = result;
        accepted++;
        expect(read.delimiter).toBe(delimiter);
        // A job takes the schema as it is.
        expect(dataSchemaSchema.safeParse(plan.schema).success).toBe(true);
        let dataset: ReturnType<typeof readTable>;
        try {
          dataset = readTable(read, plan.schema);
        } catch (error) {
          expect(error).toMatchObject({ code: 'table.empty' });
          return;
        }
        // Written with points and commas, as init does it, it is the same table.
        expect(readTable(readCsv(textOf(rewriteNumbers(read, plan.schema))), plan.schema)).toEqual(dataset);
        // For a prediction the same features, where no cell is missing.
        const { features, skipped } = readFeatureRows(read, plan.schema, { skipBadRows: true });
        expect(features).toEqual(dataset.features);
        expect(skipped).toHaveLength(24 - dataset.labels.length);
      }),
      { seed: 0x7461626c, numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it('is the same one in pieces (seed 0x70696563)', async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ text }) => {
        const result = planned(text);
        const source = await openCsv(new Blob([text]));
        if (result === undefined) {
          await expect(inferSourceSchema(source, options)).rejects.toBeInstanceOf(MisuseError);
          return;
        }
        const { read, plan } = result;
        expect(await inferSourceSchema(source, options)).toEqual(plan.schema);
        const whole = () => readTable(read, plan.schema);
        const pieces = collectDataset(readTableSource(source, plan.schema));
        await pieces.then(
          (dataset) => expect(dataset).toEqual(whole()),
          () => expect(whole).toThrow(),
        );
      }),
      { seed: 0x70696563, numRuns: 300 },
    );
  });
});
