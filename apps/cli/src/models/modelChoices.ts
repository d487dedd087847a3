/** Whose model a file is, and what the command line says about how to read it. */
import { MisuseError, NonetError } from '@nonet/core';
import {
  type ImportOnnxOptions,
  type ImportOnnxReturnType,
  importOnnx,
  readOnnxOutline,
} from '@nonet/tensor/onnx';
import type { OnnxFile } from '../files/onnxFile.ts';

/** `NAME=NUMBER`; throws `cli.option`. */
function readPairs(option: string, texts: readonly string[] = []): Readonly<Record<string, number>> {
  const pairs = texts.map((text) => {
    const at = text.lastIndexOf('=');
    const value = Number(text.slice(at + 1));
    if (at > 0 && text.slice(at + 1).trim() !== '' && Number.isFinite(value))
      return [text.slice(0, at), value];
    throw new MisuseError({
      code: 'cli.option',
      expected: `${option} to be a name and a number, NAME=NUMBER`,
      found: JSON.stringify(text),
    });
  });
  return Object.fromEntries(pairs);
}

/** `--extent` and `--value` as options of an import. */
export function importChoices({
  extent,
  value,
}: {
  readonly extent?: readonly string[] | undefined;
  readonly value?: readonly string[] | undefined;
}): ImportOnnxOptions {
  return { extents: readPairs('--extent', extent), values: readPairs('--value', value) };
}

/** What to do about a model, in words of the command line. */
const hintOf = ({ hint }: NonetError): string | undefined =>
  hint
    ?.replace(
      'when importing: importOnnx(bytes, { extents: { NAME: 1 } }).',
      'by the name that --describe shows: --extent NAME=1.',
    )
    .replace('when importing: importOnnx(bytes, { values: { NAME: 1 } }).', 'for all rows: --value NAME=1.');

/** Reads a model; refusals tell of the options of this command. */
export function importFile(
  { bytes, externalFiles }: OnnxFile,
  choices: ImportOnnxOptions,
): ImportOnnxReturnType {
  try {
    return importOnnx(bytes, { ...choices, externalFiles });
  } catch (error) {
    if (!(error instanceof NonetError)) throw error;
    const { code, expected, found } = error;
    const hint = hintOf(error);
    throw new NonetError({ code, expected, found, ...(hint === undefined ? {} : { hint }), cause: error });
  }
}

/** A model that `nonet export` did not write for a table; undefined if it did. */
export function importForeign(file: OnnxFile, choices: ImportOnnxOptions): ImportOnnxReturnType | undefined {
  const { bytes, externalFiles } = file;
  const { metadata } = readOnnxOutline(bytes, externalFiles);
  const ours = metadata['nonet.labels'] !== undefined && metadata['nonet.table'] !== undefined;
  return ours ? undefined : importFile(file, choices);
}

/** Of a call without rows. */
export const noRowsGiven = (): MisuseError =>
  new MisuseError({
    code: 'infer.rows',
    expected: 'a file with rows: nonet infer model.onnx rows.csv',
    found: 'none',
    hint: 'What the model takes: nonet infer model.onnx --describe.',
  });
