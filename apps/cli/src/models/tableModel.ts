/** Models of tables, as `nonet export` writes them: what they say of their columns and labels. */
import { MisuseError } from '@nonet/core';
import { checkSchema, type DataSchema, dataSchemaSchema } from '@nonet/core/records';
import type { ImportOnnxReturnType } from '@nonet/tensor/onnx';
import { locateError } from '../terminal/locateError.ts';

/** The columns and labels that a file names. Throws `infer.schema`, naming the file. */
export function schemaOf({ metadata }: ImportOnnxReturnType, file: string): DataSchema {
  const refuse = (found: string) =>
    new MisuseError({
      code: 'infer.schema',
      expected: `a model in ${file} that names its labels and columns, as nonet export writes them for a table`,
      found,
      hint: 'Models of images and other arrays have no columns to read a CSV by.',
    });
  const { 'nonet.labels': labels, 'nonet.table': table } = metadata;
  if (labels === undefined || table === undefined) throw refuse('no such metadata');
  let parsed: unknown;
  try {
    parsed = { shape: [1], labels: JSON.parse(labels), table: JSON.parse(table) };
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause));
  }
  const result = checkSchema(dataSchemaSchema, parsed, `what the model in ${file} names`);
  if (result.success) return result.data;
  const { expected, found } = result.fault;
  throw new MisuseError({
    code: 'infer.schema',
    expected,
    found,
    hint: 'Write the model again with nonet export.',
  });
}

/** A cell that stops everything: the option that leaves its row out. */
export function hintAtSkipping<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MisuseError) || error.code !== 'table.cell') throw error;
    const { code, expected, found } = error;
    const hint = 'Mend the cell, or leave such rows out: --skip-bad-rows.';
    throw new MisuseError({ code, expected, found, hint, cause: error });
  }
}

/** What is wrong with a file is a mistake of the caller, and the message says which file. */
export function nameFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw locateError(error, `in ${file}`);
  }
}
