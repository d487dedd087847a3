/**
 * What is published works where only that is installed: packed, installed from the tarballs in an
 * empty folder, and used there as a stranger would.
 */
import { execFile } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { measureSizes } from '../bench/size.ts';
import budgets from '../budgets.json' with { type: 'json' };
import { bundleForBrowsers } from '../scripts/bundle.ts';
import { packAll, type Tarball } from '../scripts/pack.ts';
import { createFolder, root } from './nonet.ts';

const { path: build, remove: removeBuild } = createFolder();
const { path: home, remove: removeHome } = createFolder();
let tarballs: Tarball[];
let packages: string[];

/** Runs a program there, with this Node first on the path. */
function run(command: string, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`;
  return new Promise((resolve, reject) => {
    const options = { cwd: home, env: { ...environment, PATH: path } };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(new Error(`${command} ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`));
    });
  });
}

const node = (file: string, text: string) => {
  writeFileSync(join(home, file), text);
  return run(process.execPath, file);
};
const nonet = (...args: readonly string[]) => run('npx', '--no-install', 'nonet', ...args);

beforeAll(async () => {
  rmSync(build, { recursive: true });
  tarballs = packAll(build);
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n');
  cpSync(join(root, 'examples/cancer.csv'), join(home, 'cancer.csv'));
  await run('npm', 'install', '--ignore-scripts', '--prefer-offline', ...tarballs.map(({ file }) => file));
  packages = tarballs.map(({ name }) => join(home, 'node_modules', name));
}, 300_000);

afterAll(() => {
  removeHome();
  removeBuild();
});

describe('the tarballs', () => {
  test('are one for each workspace, at one version', () => {
    const workspaces = globSync('{packages,apps}/*/package.json', { cwd: root });
    expect(tarballs).toHaveLength(workspaces.length);
    expect(tarballs.map(({ name }) => name)).toContain('nonet');
    expect(new Set(tarballs.map(({ file }) => /-(\d+\.\d+\.\d+)\.tgz$/.exec(file)?.[1])).size).toBe(1);
  });

  test('hold neither tests, nor TypeScript that would have to be stripped, nor paths of this machine', () => {
    for (const folder of packages) {
      const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((file) => file.isFile());
      expect(files.length).toBeGreaterThan(3);
      for (const file of files) {
        expect(file.name).not.toMatch(/\.test\.|(?<!\.d)\.tsx?$/);
        const text = readFileSync(join(file.parentPath, file.name), 'utf8');
        expect(text, file.name).not.toContain(root);
        if (!file.name.endsWith('.js')) continue;
        expect(text, file.name).not.toMatch(/(?:from|import\(|new URL\()\s*['"`][^'"`]*\.ts['"`]/);
      }
    }
  });

  test('and what browsers load are within their budgets', async () => {
    const figures = await measureSizes(tarballs);
    for (const [name, budget] of Object.entries(budgets)) {
      expect(figures[name]?.value, `${name}, budgets.json`).toBeLessThanOrEqual(budget);
    }
  });

  test('are as publint wants them', async () => {
    for (const pkgDir of packages) {
      const { messages } = await publint({ pkgDir, pack: false });
      expect(messages, pkgDir).toEqual([]);
    }
  });
});

/** The README's program, with the table that it speaks of. */
const training = `
import { readFileSync } from 'node:fs';
const text = readFileSync('cancer.csv', 'utf8');
${/^## As a library.*?^```ts\n(.*?)^```/ms.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1]}
`;

describe('a program that installed them', () => {
  test('trains in plain JavaScript', async () => {
    const { stdout } = await node('train.js', `${training}\nconsole.log(accuracy);`);
    expect(Number(stdout)).toBeGreaterThan(0.95);
  });

  test('trains in a worker, to the same bits', async () => {
    writeFileSync(
      join(home, 'worker.js'),
      `${training}\nconst { parentPort } = await import('node:worker_threads');\nparentPort.postMessage(file);`,
    );
    const { stdout } = await node(
      'main.js',
      `import { Worker } from 'node:worker_threads';
       import { once } from 'node:events';
       ${training}
       const [other] = await once(new Worker(new URL('./worker.js', import.meta.url)), 'message');
       console.log(Buffer.compare(file, other));`,
    );
    expect(stdout.trim()).toBe('0');
  });

  test('trains on two threads, to the same bits', async () => {
    const { stdout } = await node(
      'threads.js',
      `import { startThreads } from '@nonet/tensor/threads';
       import { defineModel, dense, encodeParameters, relu, sgdMomentum, train } from 'nonet';
       const labels = ['a', 'b'];
       const model = defineModel({ shape: [400], labels }, (g, x) => dense(g, relu(g, dense(g, x, 400)), 2));
       const features = Float32Array.from({ length: 64 * 400 }, (_, i) => (i % 89) / 89);
       const dataset = { features, shape: [400], labels: Int32Array.from({ length: 64 }, (_, i) => i % 2), vocabulary: labels };
       const options = { optimiser: sgdMomentum, rates: { learningRate: 0.01, momentum: 0.9 }, epochs: 2, batch: 64, seed: '0x2a' };
       const threads = startThreads(2);
       const runs = [await train(model, dataset, { ...options, threads }), await train(model, dataset, options)];
       console.log(threads.count, Buffer.compare(...runs.map(({ parameters }) => encodeParameters(parameters))));
       await threads.close();`,
    );
    expect(stdout.trim()).toBe('2 0');
  });

  test('has its types, in strict settings and without those of Node', async () => {
    writeFileSync(
      join(home, 'consumer.ts'),
      `import { type Dataset, defineJob, defineModel, dense, evaluate, type Graph, initialParameters, mlp } from 'nonet';
       import { importOnnx } from '@nonet/tensor/onnx';
       import { sha256 } from '@nonet/core';
       const graph: Graph = mlp({ features: [4], hidden: [], classes: 2 });
       declare const dataset: Dataset;
       export const accuracy: Promise<number> = evaluate({ graph, parameters: initialParameters(graph, '0x01'), dataset }).then((e) => e.accuracy);
       export const job = defineJob({ job: { name: 'x', model: graph, data: { shape: [4], labels: ['a', 'b'] }, training: { epochs: 1, batch: 1, learningRate: 1, momentum: 0 }, rounds: 1 } });
       export const hash: Uint8Array = sha256(new Uint8Array(importOnnx(new Uint8Array()).graph.nodes.length));
       export const { labels } = defineModel({ shape: [4], labels: ['a', 'b'] }, (g, x) => dense(g, x, 2));
       export const known: readonly ('a' | 'b')[] = labels;
       // @ts-expect-error: a model has no layers of text
       mlp({ features: [4], hidden: ['8'], classes: 2 });
      `,
    );
    const options = {
      target: 'es2024',
      lib: ['es2024', 'dom'],
      module: 'nodenext',
      types: [],
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
    };
    writeFileSync(
      join(home, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['consumer.ts'] }),
    );
    await run(process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.');
  });

  test('becomes a script for browsers', async () => {
    writeFileSync(
      join(home, 'page.js'),
      `export { mlp, train } from '@nonet/tensor';\nexport { verifyReceipt } from '@nonet/core/receipt';\n`,
    );
    const script = await bundleForBrowsers(join(home, 'page.js'), 'page');
    // Vite puts an empty module in the place of one of Node.
    expect(script.match(/["'`]node:\w+|__vite-browser-external/g)).toBeNull();
  });
});

describe('npx nonet', () => {
  test('says what it can do', async () => {
    expect((await nonet('--help')).stdout).toContain('Usage: nonet');
    await expect(nonet('bench')).rejects.toThrow('bench.missing');
  });

  test('judges from the data that come with it', async () => {
    expect((await nonet('matrix')).stdout).toContain('verifiability');
    expect((await nonet('evaluate', 'flower')).stdout).toContain('plain AI tool');
    expect((await nonet('limits', '--draws', '100')).stdout).toContain('all four together');
  });

  test('runs a job in as many processes as ever, and verifies it', async () => {
    await nonet('init', 'cancer.csv', '--target', 'diagnosis', '--sites', '2', '--rounds', '1');
    const { stdout } = await nonet('run', 'cancer.job.yaml', '--json');
    const { receipt, verified } = JSON.parse(stdout) as { receipt: string; verified: boolean };
    expect(verified).toBe(true);
    expect(readFileSync(join(home, dirname(receipt), 'receipt.html'), 'utf8')).toContain('<!doctype html>');
    // Whatever checkout it is installed in, it is a version of Nonet that ran.
    expect(readFileSync(join(home, receipt), 'utf8')).toMatch(/"commit": "nonet \d/);
    await nonet('verify', receipt, '--blobs', join(dirname(receipt), 'blobs'));
    await nonet('export', '--onnx');
    expect((await nonet('infer', 'model.onnx', 'cancer.test.csv')).stdout).toMatch(/^row,diagnosis,/);
  }, 180_000);
});
