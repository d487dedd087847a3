/** The published face of Nonet: what job files and programs import from `nonet`. */

export { createRandomStream } from '@nonet/core';
export { type Receipt, receiptSchema, receiptView, verifyReceipt } from '@nonet/core/receipt';
export {
  createFigures,
  declareFigures,
  type Evidence,
  type Job,
  parseJob,
  readFigure,
} from '@nonet/core/records';
export { countedColumns } from '@nonet/federation/verify';
export { cells, matrixView } from '@nonet/matrix';
export * from '@nonet/tensor';
export * from '@nonet/tensor/datasets';
export { narrators, verifiers } from './declarations.ts';
export { type Absence, defineJob, type JobDraft, type JobFile, type Rehearsal } from './files/jobFile.ts';
