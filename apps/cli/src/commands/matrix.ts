/** `nonet matrix`: the nine cells, with the mechanisms and the evidence that this installation has. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Evidence, evidenceSchema, receiptSchema } from '@nonet/core/records';
import { federationMechanisms } from '@nonet/federation';
import { type FilledCell, fillMatrix } from '@nonet/matrix';
import { benchFolder, listRuns } from '../run/runDirectory.ts';
import { bold, dim, note, plural, print } from '../terminal.ts';

export function matrixCommand({ json }: { readonly json: boolean }): void {
  const filled = fillMatrix(federationMechanisms, readLocalEvidence());
  if (json) {
    print(JSON.stringify(filled, null, 2));
    return;
  }
  print(filled.map(renderCell).join('\n\n'));
  const empty = filled.filter(({ evidence }) => evidence.length === 0).length;
  print(
    `\n${dim(`${9 - empty} of 9 cells have evidence from receipts and benchmarks in runs/; baselines are an editor's opinion (* = reconstructed).`)}`,
  );
}

/** The evidence of every receipt and of every benchmark in runs/; unreadable ones are named on standard error and left out. */
function readLocalEvidence(): Evidence[] {
  const receipts = listRuns()
    .map((run) => run.resolve('receipt.json'))
    .filter((file) => existsSync(file));
  const benchmarks = globSync('*.json', { cwd: benchFolder }).map((file) => join(benchFolder, file));
  return [
    ...receipts.flatMap((file) => {
      const found = read(file, (value) => receiptSchema.parse(value).evidence);
      if (found === undefined) {
        note(`${file} is not a readable receipt and was left out; see nonet verify ${file}`);
      }
      return found ?? [];
    }),
    ...benchmarks.flatMap((file) => {
      const found = read(file, (value) => evidenceSchema.array().parse(value));
      if (found === undefined) {
        note(`${file} is not readable evidence and was left out; nonet bench writes it anew`);
      }
      return found ?? [];
    }),
  ];
}

function read(file: string, parse: (value: unknown) => readonly Evidence[]): readonly Evidence[] | undefined {
  try {
    return parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

function renderCell(cell: FilledCell): string {
  // What is said of a whole run tells more than what is said of one of its rounds.
  const evidence = cell.evidence.toSorted(
    (a, b) => Number(a.figures.round !== undefined) - Number(b.figures.round !== undefined),
  );
  const baseline = `${cell.baseline}${cell.origin === 'reconstructed' ? '*' : ''}`;
  const [wish, property] = cell.id.split('-');
  return [
    `${bold(`${wish} × ${property}`)}  ${dim(`baseline: ${baseline}`)}`,
    `  ${cell.together}`,
    ...cell.mechanisms.map((mechanism) => `  mechanism  ${mechanism.id}: protects ${mechanism.protects}`),
    ...(cell.evidence.length === 0
      ? ['  evidence   nothing measured yet']
      : [
          ...evidence
            .slice(0, 2)
            .map((record) => `  evidence   ${record.sentence} (${record.date.slice(0, 10)})`),
          ...(cell.evidence.length > 2
            ? [`             and ${plural(cell.evidence.length - 2, 'record')} more`]
            : []),
        ]),
  ].join('\n');
}
