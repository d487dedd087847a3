/** Whose model a file is, and what the command line says about how to read it. */
import { MisuseError } from '@nonet/core';
import {
  type ImportOnnxOptions,
  type ImportOnnxReturnType,
  importOnnx,
  readOnnxOutline,
} from '@nonet/tensor/onnx';
import type { OnnxFile } from '../../files/onnxFile.ts';
import type { InferOptions } from './definition.ts';

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
export function importChoices({ extent, value }: InferOptions): ImportOnnxOptions {
  return { extents: readPairs('--extent', extent), values: readPairs('--value', value) };
}

/** A model that `nonet export` did not write for a table; undefined if it did. */
export function importForeign(
  { bytes, externalFiles }: OnnxFile,
  choices: ImportOnnxOptions,
): ImportOnnxReturnType | undefined {
  const { metadata } = readOnnxOutline(bytes, externalFiles);
  const ours = metadata['nonet.labels'] !== undefined && metadata['nonet.table'] !== undefined;
  return ours ? undefined : importOnnx(bytes, { ...choices, externalFiles });
}

/** Of a call without rows. */
export const noRowsGiven = (): MisuseError =>
  new MisuseError({
    code: 'infer.rows',
    expected: 'a file with rows: nonet infer model.onnx rows.csv',
    found: 'none',
    hint: 'What the model takes: nonet infer model.onnx --describe.',
  });
