/**
 * A product of square f32 matrices in jax-js: WebAssembly, one thread in Node, which has no global
 * `Worker`. `.ref` keeps what a call would use up. Version 0.1.25 fuses multiplication and addition
 * where the engine has relaxed SIMD (`relaxed_madd` in its dist, read November 2026), so its bits
 * are others than ours.
 */
import { defaultDevice, init, numpy as np } from '@jax-js/jax';

export async function createProduct(a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>, n: number) {
  await init('wasm');
  defaultDevice('wasm');
  const left = np.array(a).reshape([n, n]);
  const right = np.array(b).reshape([n, n]);
  const product = () => np.matmul(left.ref, right.ref);
  return {
    async multiply() {
      const c = product();
      await c.blockUntilReady();
      c.dispose();
    },
    values: () => product().dataSync() as Float32Array,
  };
}
