/** For tests of this package and of others: `@nonet/tensor/testing`. */
export { type Integers, interpretIntegers } from './integerInterpreter.ts';
