/** The published face of Nonet: what job files and programs import from `nonet`. */

export { createRandomStream } from '@nonet/core';
export {
  createFigure,
  type Evidence,
  type Job,
  parseJob,
  type Receipt,
  receiptSchema,
  receiptView,
  verifyReceipt,
} from '@nonet/core/records';
export { cells, matrixView } from '@nonet/matrix';
export * from '@nonet/tensor';
export * from '@nonet/tensor/datasets';
export { type Absence, defineJob, type JobDraft, type JobFile, type Rehearsal } from './files/jobFile.ts';
