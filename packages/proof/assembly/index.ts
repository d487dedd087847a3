// Hashing for commitments and transcripts. Memory is imported and planned by
// src/zk/hash/hashKernels.ts: nothing here allocates. A test compiles this again and compares byte
// for byte.
export { hash, hashLeaves, hashNodes } from './keccak';
