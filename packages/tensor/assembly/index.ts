// The kernels of arithmetic 1: SIMD128 without fused multiply-add and without relaxed SIMD, so
// every engine gives the same bits. docs/specs/arithmetic.md and the scalar twins in src/twins are
// the definition; a property test holds both equal. Memory is imported and planned by the executor:
// nothing here allocates, and every pointer comes from a descriptor that src/kernels/descriptors.ts
// writes.
export { matmul, matmulInt8 } from './matmul';
export { map } from './map';
export { reduce } from './reduce';
export { contract, contractDepthwise, contractInteger, contractShort } from './contract';
export { pad, copyRows, gather, scatterAdd, lookup } from './move';
export { random, requantise } from './integer';
