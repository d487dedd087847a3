/**
 * A product of square f32 matrices in TensorFlow.js: WebAssembly with SIMD; in Node it has no
 * threads (its flag WASM_HAS_MULTITHREAD_SUPPORT is false).
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { env, matMul, setBackend, tensor2d } from '@tensorflow/tfjs-core';

export async function createProduct(a: Float32Array, b: Float32Array, n: number) {
  setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/`);
  await setBackend('wasm');
  if (!(await env().getAsync('WASM_HAS_SIMD_SUPPORT'))) return undefined;
  const left = tensor2d(a, [n, n]);
  const right = tensor2d(b, [n, n]);
  return {
    // Done when it returns.
    multiply: () => matMul(left, right).dispose(),
    values: () => matMul(left, right).dataSync<'float32'>(),
  };
}
