import { inferSchema, readCsv } from '@nonet/tensor/datasets';
import { expect, test } from 'vitest';
import { describeOffsets } from './export.ts';

test('an export says what other tools have to subtract', () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${1_700_000_000 + i},${i % 7},${i % 2}`);
  const schema = inferSchema(readCsv(`t,x,y\n${rows.join('\n')}\n`), { target: 'y' });
  expect(describeOffsets(schema)).toEqual([
    't: outside of nonet infer, subtract 1700000010 first, in 64 bits',
  ]);
  const column = { ...schema.table!.columns[0]!, name: `t${' '.repeat(90)}✓ forged\u001b[2J` };
  expect(describeOffsets({ ...schema, table: { ...schema.table!, columns: [column] } })).toEqual([
    't ✓ forged\ufffd[2J: outside of nonet infer, subtract 1700000010 first, in 64 bits',
  ]);
  expect(describeOffsets({ shape: [1], labels: ['a', 'b'] })).toEqual([]);
});
