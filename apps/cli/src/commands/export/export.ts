/**
 * `nonet export [RUN]`: the model of a finished run for other tools: ONNX with its standardisation,
 * labels and columns, or safetensors.
 */
import { MisuseError } from '@nonet/core';
import { decodeCanonical } from '@nonet/core/codec';
import { type DataSchema, parseJob, requireTrainJob } from '@nonet/core/records';
import { createFileStore, fetchGraph, joinModel, parametersOfModel } from '@nonet/federation';
import { exportOnnx } from '@nonet/tensor/onnx';
import { writeWhole } from '../../files/writeWhole.ts';
import { finalModel, findRun } from '../../runs/runDirectory.ts';
import { foreignText } from '../../terminal/foreignText.ts';
import { bold, formatBytes, note, printJson, yellow } from '../../terminal/terminal.ts';
import type { ExportOptions } from './definition.ts';

/** Throws `run.missing`, `run.unfinished` and `export.out`. */
export async function exportModel(name: string | undefined, options: ExportOptions): Promise<void> {
  if (options.onnx === true && options.safetensors === true) {
    throw new MisuseError({ code: 'cli.option', expected: 'either --onnx or --safetensors', found: 'both' });
  }
  const run = findRun(name);
  const { record } = run;
  const blobs = createFileStore(run.resolve('blobs'));
  const model = finalModel(run);
  const { bytes: modelBytes } = await blobs.get(model);
  const format = options.safetensors === true ? 'safetensors' : 'onnx';
  const out = options.out ?? `model.${format}`;
  const job = requireTrainJob(parseJob(decodeCanonical((await blobs.get(record.job!)).bytes)));
  const graph = await fetchGraph(job, blobs);
  const bytes =
    format === 'onnx'
      ? exportOnnx({ graph, parameters: parametersOfModel(graph, modelBytes), schema: job.data })
      : joinModel(graph, modelBytes);
  writeModel(out, bytes);
  if (options.json) printJson({ file: out, format, bytes: bytes.length, run: record.id, model });
  else note(`${bold(out)}  ${formatBytes(bytes.length)}, the model of ${record.id}`);
  for (const text of describeOffsets(job.data)) note(yellow(text));
}

/** What other tools have to subtract from raw numbers; `nonet infer` does it by itself. */
export function describeOffsets({ table }: DataSchema): string[] {
  return (table?.columns ?? []).flatMap((column) =>
    column.kind === 'number' && column.offset !== undefined
      ? [`${foreignText(column.name)}: outside of nonet infer, subtract ${column.offset} first, in 64 bits`]
      : [],
  );
}

function writeModel(file: string, bytes: Uint8Array): void {
  try {
    writeWhole(file, bytes);
  } catch (cause) {
    throw new MisuseError({
      code: 'export.out',
      expected: `a place to write ${file}`,
      found: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
