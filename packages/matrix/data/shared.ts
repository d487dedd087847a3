/** Evidence that several project files use, word for word alike. */
import type { EvidenceRecord } from '../src/evaluation/records.ts';

/**
 * Lee et al. 2019: enclaves read from the memory bus. Shown on one machine and technology, so it is
 * lowered for every other; `because` says for which.
 */
export const memoryBus = (because: string): EvidenceRecord => ({
  id: 'memorybus',
  grade: 3,
  kind: 'paper',
  source: 'arXiv:1912.01701',
  pin: { version: 'v1' },
  fact: 'Lee et al. read confidential data of enclaves from the memory bus: an operator who has the machine is not kept out by it.',
  published: '2019-12-03',
  retrieved: '2026-11-27',
  interest: 'independent',
  downgrades: [{ reason: 'indirect', because }],
});
