/**
 * Models that other tools exported (vectors/onnx/tools, see bench/peers/exportModels.py), with what
 * those tools compute themselves.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Constant } from '../src/onnx/tensors.ts';

interface StoredTensor {
  readonly type: 'float32' | 'float64' | 'int32' | 'int64' | 'string';
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

export interface ToolModel {
  readonly name: string;
  readonly tool: string;
  readonly bytes: Uint8Array;
  readonly inputs: ReadonlyMap<string, Constant>;
  /** Texts are labels. */
  readonly outputs: readonly (Constant | readonly string[])[];
}

const folder = new URL('../../../vectors/onnx/tools/', import.meta.url);

function tensorOf({ type, shape, data }: StoredTensor): Constant | readonly string[] {
  if (type === 'string') return data as readonly string[];
  const numbers = data as readonly number[];
  return type === 'float32' || type === 'float64'
    ? { type, shape, data: Float32Array.from(numbers) }
    : { type, shape, data: Int32Array.from(numbers) };
}

export function loadToolModels(): readonly ToolModel[] {
  const names = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
  return names.sort().map((name) => {
    const { tool, inputs, outputs } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as {
      tool: string;
      inputs: Record<string, StoredTensor>;
      outputs: Record<string, StoredTensor>;
    };
    return {
      name,
      tool,
      bytes: new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder))),
      inputs: new Map(Object.entries(inputs).map(([key, value]) => [key, tensorOf(value) as Constant])),
      outputs: Object.values(outputs).map(tensorOf),
    };
  });
}
