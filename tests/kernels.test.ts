/** The committed WebAssembly modules. */
import { expect, test } from 'vitest';
import { kernelBinary as algebra } from '../packages/algebra/src/kernelBinary.ts';
import { kernelBinary as core } from '../packages/core/src/kernelBinary.ts';
import { kernelBinary as proof } from '../packages/proof/src/zk/hash/kernelBinary.ts';
import { kernelBinary as tensor } from '../packages/tensor/src/kernels/binary.ts';
import { compileKernels } from '../scripts/buildKernels.ts';

test.each([
  ['algebra', algebra],
  ['core', core],
  ['proof', proof],
  ['tensor', tensor],
] as const)('that of %s is what its assembly/ compiles to, byte for byte', async (name, committed) => {
  expect(Buffer.from(await compileKernels(name)).toString('hex')).toBe(committed);
});
