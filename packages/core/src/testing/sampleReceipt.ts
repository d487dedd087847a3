/** The receipt of the sample run, signed. Nothing outside tests imports this. */
import { createReceipt, type Receipt, signAnchor } from '../receipt/receipt.ts';
import type { Evidence } from '../records/evidence.ts';
import type { Job } from '../records/job.ts';
import {
  evaluationBlob,
  sampleAddress,
  sampleEvidence,
  sampleJob,
  sampleRunName,
  sampleRunner,
} from './sampleRun.ts';

export {
  createSampleStore,
  narrateSample,
  sampleBlobs,
  sampleEvidence,
  sampleFigures,
  sampleJob,
  sampleRunner,
  sampleStranger,
  sampleVerifiers,
} from './sampleRun.ts';

/** `sampleReceipt` with other evidence, job or run: consistent again, and signed again. */
export async function createSampleReceipt(
  changes: { run?: string; job?: Job; evidence?: readonly Evidence[] } = {},
): Promise<Receipt> {
  const receipt = createReceipt(
    changes.run ?? sampleRunName,
    changes.job ?? sampleJob,
    changes.evidence ?? sampleEvidence,
    [evaluationBlob],
  );
  const position = {
    chainId: 31337,
    contract: '0x5fbdb2315678afecb367f032d93f642f64180aa3',
    transaction: sampleAddress('anchor') as `0x${string}`,
    block: 412,
    at: 1773480733,
    gas: 47_312,
  } as const;
  return { ...receipt, anchor: await signAnchor(receipt.root, position, sampleRunner) };
}

/** The receipt of the sample run, as tests and pages use it. */
export const sampleReceipt: Receipt = await createSampleReceipt();
