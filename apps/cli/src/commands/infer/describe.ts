/** `nonet infer MODEL --describe`: inputs, outputs and the operators between. */
import { NonetError } from '@nonet/core';
import { bind, estimateRun, type Graph, parameterCount, unboundExtents } from '@nonet/tensor';
import {
  type ImportOnnxOptions,
  type ImportOnnxReturnType,
  type OnnxOutlinePort,
  readOnnxOutline,
} from '@nonet/tensor/onnx';
import type { OnnxFile } from '../../files/onnxFile.ts';
import { importFile } from '../../models/modelChoices.ts';
import { foreignText } from '../../terminal/foreignText.ts';
import { bold, dim, formatBytes, plural, print, printJson, yellow } from '../../terminal/terminal.ts';

type Reading =
  | { readonly model: ImportOnnxReturnType; readonly refusal?: undefined }
  | { readonly model?: undefined; readonly refusal: NonetError };

/**
 * Prints what a file says of itself, and whether and how it is read here. Throws `onnx.malformed`
 * on a damaged file.
 */
export function describeModel(file: string, onnx: OnnxFile, options: ImportOnnxOptions, json: boolean): void {
  const outline = readOnnxOutline(onnx.bytes, onnx.externalFiles);
  const { model, refusal } = attempt(onnx, options);
  const single = model && estimateRun(withOnes(model.graph));
  if (json) {
    printJson({
      model: file,
      ...outline,
      reads: model !== undefined,
      ...(refusal === undefined ? {} : { refused: { expected: refusal.expected, found: refusal.found } }),
      ...(model === undefined
        ? {}
        : {
            parameters: parameterCount(model.graph),
            extents: model.extents,
            notes: model.notes,
            one: single,
          }),
    });
    return;
  }
  const taken = model && new Set(model.inputs.map(({ fileName }) => fileName));
  print(bold('inputs'));
  for (const port of outline.inputs) {
    print(`  ${printPort(port)}${taken?.has(port.name) === false ? dim('  (not used)') : ''}`);
  }
  print(bold('outputs'));
  for (const port of outline.outputs) print(`  ${printPort(port)}`);
  print(bold('operators'));
  const operators = Object.entries(outline.operators);
  print(`  ${operators.map(([name, count]) => `${foreignText(name)} ${count}`).join(', ') || 'none'}`);
  const sets = Object.entries(outline.opsets);
  print(
    dim(
      `  ${sets.map(([domain, version]) => `${domain === '' ? 'ONNX' : foreignText(domain)} operator set ${version}`).join(', ')}`,
    ),
  );
  for (const text of model?.notes ?? []) print(dim(`  ${foreignText(text)}`));
  if (refusal !== undefined) {
    print(
      yellow(
        `It is not read: expected ${foreignText(refusal.expected)}, found ${foreignText(refusal.found)}.`,
      ),
    );
    if (refusal.hint !== undefined) print(`  ${foreignText(refusal.hint)}`);
    return;
  }
  const { multiplyAdds, bytes: memory } = single!;
  const work = `${multiplyAdds.toLocaleString('en')} multiply-adds, ${formatBytes(memory)}`;
  print(bold('one row'));
  print(`  ${work}; ${plural(parameterCount(model!.graph), 'parameter')}`);
}

function attempt(file: OnnxFile, options: ImportOnnxOptions): Reading {
  try {
    return { model: importFile(file, options) };
  } catch (error) {
    if (error instanceof NonetError && error.code === 'onnx.unsupported') return { refusal: error };
    throw error;
  }
}

/** With every open extent 1: one row. */
const withOnes = (graph: Graph): Graph =>
  bind(graph, Object.fromEntries(unboundExtents(graph).map((name) => [name, 1])));

function printPort({ name, type, shape }: OnnxOutlinePort): string {
  // What the file leaves open has the name that --extent takes.
  const extents = shape?.map((extent, axis) => extent ?? (axis === 0 ? 'batch' : `${name}.${axis}`)) ?? [
    'any shape',
  ];
  return `${foreignText(name)}  ${type ?? 'no tensor'}[${foreignText(extents.join(', '))}]`;
}
