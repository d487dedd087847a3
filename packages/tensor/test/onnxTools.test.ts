/**
 * Files that PyTorch, scikit-learn and Keras exported are imported and give what those tools
 * compute, within 2 ulp of the largest entry.
 */
import { describe, expect, it } from 'vitest';
import { bind, unboundExtents } from '../src/index.ts';
import { importOnnx } from '../src/onnx/index.ts';
import { readModel } from '../src/onnx/model.ts';
import { compareTensors, runImported } from './onnxCases.ts';
import { loadToolModels } from './onnxTools.ts';

/** Exports that look up rows by the batch need it fixed. */
const fixedBatch: Readonly<Record<string, string>> = { 'keras-attention': 'B' };

/** `label gives positions among the labels ["a","b"]` -> the labels. */
function labelsIn(notes: readonly string[]): readonly string[] {
  const note = notes.find((text) => text.includes('gives positions among the labels')) ?? '[]';
  return JSON.parse(note.slice(note.indexOf('['))) as string[];
}

describe.each(loadToolModels())('$name ($tool)', ({ name, bytes, inputs, outputs }) => {
  const [inputName] = inputs.keys();
  const batch = inputs.get(inputName)!.shape[0];

  it('gives the same answers', async () => {
    let imported = importOnnxOrFix();
    const unbound = unboundExtents(imported.graph);
    if (unbound.length > 0) {
      expect(unbound).toEqual(['B']);
      imported = { ...imported, graph: bind(imported.graph, { B: batch }) };
    }
    const found = await runImported(imported, inputs);
    for (const [i, expected] of outputs.entries()) {
      if ('data' in expected) {
        expect(compareTensors(found[i], expected)).toBeLessThanOrEqual(2);
      } else {
        const labels = labelsIn(imported.notes);
        expect(Array.from(found[i], (position) => labels[position])).toEqual(expected);
      }
    }
  });

  function importOnnxOrFix() {
    if (fixedBatch[name] === undefined) return importOnnx(bytes);
    // The refusal says which extent, and what to do.
    let hint = '';
    try {
      importOnnx(bytes);
    } catch (error) {
      hint = String((error as Error).message);
    }
    expect(hint).toContain('Fix the extent when importing');
    const batchName = extentNames(bytes, inputName)[0] as string;
    return importOnnx(bytes, { extents: { [batchName]: batch } });
  }
});

function extentNames(bytes: Uint8Array, input: string): readonly unknown[] {
  return readModel(bytes).inputs.find(({ name }) => name === input)?.shape ?? [];
}
