/**
 * `node bench/peers/training.ts [PYTHON]`: PyTorch and ONNX Runtime, one thread each, on the models
 * of `bench/training.ts` with the same parameters and data; prints figures as
 * `nonet bench training --json` does. Losses of three steps must agree. Needs a Python with
 * `requirements-training.txt`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NonetError } from '@nonet/core';
import { initialParameters } from '@nonet/tensor';
import { exportOnnx } from '@nonet/tensor/onnx';
import { benchFigure } from '../suite.ts';
import { createOurs, momentum, rate, tolerance, workloads } from '../training.ts';

interface Results {
  readonly torch: string;
  readonly onnxruntime: string;
  readonly losses: Readonly<Record<string, readonly number[]>>;
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

const python = process.argv[2] ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'nonet-training-'));
const write = (file: string, data: Uint8Array | Float32Array | Int32Array) => {
  writeFileSync(join(folder, file), data);
  return file;
};
try {
  const description: Record<string, unknown> = {};
  const expected: Record<string, number[]> = {};
  for (const work of workloads()) {
    const { name, model, shape, x, y } = work;
    const parameters = initialParameters(model, '0x01');
    description[name] = {
      parameters: parameters.map((each) => ({
        name: each.name,
        shape: each.shape,
        file: write(`${name}.${each.name}`, each.data),
      })),
      x: write(`${name}.x`, x),
      shape,
      y: [...y],
      rate,
      momentum,
      onnx: write(`${name}.onnx`, exportOnnx({ graph: model, parameters })),
    };
    const { trainer } = await createOurs(work, parameters);
    expected[name] = [];
    for (let step = 0; step < 3; step++) expected[name].push(await trainer.step(x, shape, y));
  }
  writeFileSync(join(folder, 'workloads.json'), JSON.stringify(description));
  const script = fileURLToPath(new URL('training.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8' });
  if (status !== 0) {
    throw new NonetError({
      code: 'bench.python',
      expected: `${python} with bench/peers/requirements-training.txt to run training.py`,
      found: stderr.trim().split('\n').at(-1) ?? `exit ${status}`,
    });
  }
  const { losses, samples, ...versions } = JSON.parse(stdout) as Results;
  for (const [name, values] of Object.entries(losses)) {
    if (values.every((loss, i) => Math.abs(loss - expected[name][i]) <= tolerance)) continue;
    throw new NonetError({
      code: 'bench.disagree',
      expected: `the losses ${expected[name].join(', ')} of ${name} within ${tolerance}`,
      found: values.join(', '),
    });
  }
  const figures = Object.fromEntries(
    Object.entries(samples).map(([name, times]) => [name, benchFigure(times, 'ms')]),
  );
  console.log(JSON.stringify({ suite: 'training', versions, figures }, null, 2));
} finally {
  rmSync(folder, { recursive: true });
}
