/**
 * Compiles the assembly/ of a package and writes the module in hexadecimal: one form that loads
 * without a fetch in Node, bundles, workers and pages opened from disk, and a quarter smaller after
 * gzip than base64, which hides repetitions. Tests compile again and compare byte for byte.
 * `npm run build:kernels`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NonetError } from '@nonet/core';
import { main } from 'assemblyscript/asc';

/** The packages with an assembly/, and where each keeps what becomes of it. */
const kernelFiles = {
  algebra: 'src/kernelBinary.ts',
  core: 'src/kernelBinary.ts',
  proof: 'src/zk/hash/kernelBinary.ts',
  tensor: 'src/kernels/binary.ts',
} as const;
type KernelPackage = keyof typeof kernelFiles;

const packages = join(import.meta.dirname, '../packages');

/** The kernels of a package as WebAssembly. Fails with the compiler's report. */
export async function compileKernels(name: KernelPackage): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  // Not -O3: it merges the terms that a product's loop writes out, so that more values live at once
  // than there are registers.
  const flags = ['-O2', '--runtime', 'stub', '--noAssert', '--importMemory', '--enable', 'simd'];
  const { error, stderr } = await main(
    ['assembly/index.ts', '--baseDir', join(packages, name), '--outFile', 'kernels.wasm', ...flags],
    {
      writeFile: (_name: string, contents: string | Uint8Array) => {
        if (contents instanceof Uint8Array) binary = contents;
      },
    },
  );
  if (error === null && binary !== undefined) return binary;
  throw new NonetError({
    code: 'kernels.build',
    expected: `the kernels of ${name} to compile`,
    found: stderr.toString(),
  });
}

if (import.meta.main) {
  for (const name of Object.keys(kernelFiles) as KernelPackage[]) {
    const binary = await compileKernels(name);
    const hex = Buffer.from(binary).toString('hex');
    const lines = hex.match(/.{1,100}/g)!.map((line) => `  '${line}',`);
    const text = `/**\n * The WebAssembly module of assembly/ in hexadecimal (${binary.length} bytes), made by\n * scripts/buildKernels.ts.\n */\nexport const kernelBinary = [\n${lines.join('\n')}\n].join('');\n`;
    writeFileSync(join(packages, name, kernelFiles[name]), text);
    console.log(`${name}: ${binary.length} bytes of WebAssembly`);
  }
}
