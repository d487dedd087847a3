// The kernels of BabyBear and its quartic extension. Memory is imported and planned by
// src/kernels.ts: nothing here allocates. A test compiles this again and compares byte for byte.
export {
  addVectors, combineRows, dotRows, dotVectors, eqTable, foldVector, invertVector, liftVector, mulVectors,
  scaleBase, scaleVector, shiftVector, subVectors, sumVector, takeLimbs, toMontgomery,
} from './extension';
export { encodeQuarter, spreadRows, transformLayers } from './ntt';
