/**
 * The tables of docs/onnx.md are those of the code (`npx vitest run
 * packages/tensor/test/onnxDocs.test.ts -u`).
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exporters, primitiveExporters } from '../src/onnx/exporters.ts';
import { refusals } from '../src/onnx/operators/refusals.ts';
import { operatorFamilies } from '../src/onnx/operators.ts';

const page = new URL('../../../docs/onnx.md', import.meta.url);

function between(text: string, name: string, lines: readonly string[]): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const before = text.slice(0, text.indexOf(start) + start.length);
  return `${before}\n\n${lines.join('\n')}\n\n${text.slice(text.indexOf(end))}`;
}

it('lists the operators and operations that there are', async () => {
  const families = Object.entries(operatorFamilies).map(([family, operators]) => {
    const names = Object.entries(operators).map(
      ([name, versions]) =>
        `${name.replace('ai.onnx.ml.', '')} ${versions.map(([since]) => since).join('/')}`,
    );
    return `- **${family}**: ${names.sort().join(', ')}`;
  });
  const written = Object.entries(exporters).filter(([, exporter]) => typeof exporter !== 'string');
  const refused = Object.entries(exporters).flatMap(([kind, reason]) =>
    typeof reason === 'string' ? [`- ${kind}: refused, ${reason}`] : [],
  );
  const operations = [...written.map(([kind]) => kind), ...Object.keys(primitiveExporters)].sort();
  const text = readFileSync(page, 'utf8');
  const tables = between(text, 'operators', families);
  await expect(
    between(tables, 'operations', [`${operations.join(', ')}.`, '', ...refused]),
  ).toMatchFileSnapshot('../../../docs/onnx.md');
});

it('gives reasons only against operators that are not read', () => {
  const read = Object.values(operatorFamilies).flatMap((operators) => Object.keys(operators));
  const reasons = refusals.flatMap(({ operators }) => operators);
  expect(reasons.filter((name) => read.includes(name))).toEqual([]);
  expect(new Set(reasons).size).toBe(reasons.length);
});
