/** ONNX files on disk: the model, and the files beside it that hold its weights. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { MisuseError } from '@nonet/core';
import { externalLocations } from '@nonet/tensor/onnx';
import { readBytes } from './dataFile.ts';

/** A model and the files that it names, by their paths as it names them. */
export interface OnnxFile {
  readonly bytes: Uint8Array;
  readonly externalFiles: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a model and what it names beside it. A path in a model never leaves the model's folder, by
 * a link neither. Throws `infer.file`, and `onnx.malformed` on a damaged file.
 */
export function readOnnxFile(path: string): OnnxFile {
  const bytes = readBytes(path, 'an ONNX model', 'infer.file');
  const locations = externalLocations(bytes);
  return { bytes, externalFiles: new Map(locations.map((name) => [name, readBeside(path, name)])) };
}

function readBeside(model: string, name: string): Uint8Array {
  const folder = realpathSync(dirname(model));
  const refuse = (found: string) =>
    new MisuseError({
      code: 'infer.file',
      expected: `the file ${name} with weights of ${model}, in its folder`,
      found,
      hint: 'torch.onnx.export writes it beside the model; keep both in one folder.',
    });
  const path = join(folder, name);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw refuse('no such file');
  if (!realpathSync(path).startsWith(`${folder}${sep}`)) throw refuse('a link out of the folder');
  return new Uint8Array(readFileSync(path));
}
