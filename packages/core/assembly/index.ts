// The kernel of content trees (docs/specs/content.md §2). Memory is imported and planned by
// src/leafKernel.ts: nothing here allocates. A test compiles this again and compares byte for byte.
export { hashLeaves } from './hashLeaves';
export { sha256 } from './sha256';
