/** Sentient: fingerprints of models, and a framework for enclaves. */
import type { Project } from '../../src/evaluation/records.ts';
import { findings, readRepository } from '../source.ts';

const marks = readRepository({
  repository: 'github:sentient-agi/oml-1.0-fingerprinting',
  commit: 'e3ee78ceff65e54360dd70398f0b8283bc858d7a',
  committed: '2025-01-22',
  read: '2026-11-30',
  checked: '2026-11-30',
});

const enclaves = readRepository({
  repository: 'github:sentient-agi/Sentient-Enclaves-Framework',
  commit: '71055f7cd482503a39c35fc85d2ec19ec873e1e2',
  committed: '2026-03-31',
  read: '2026-11-30',
  checked: '2026-11-30',
});

export const sentient: Project = {
  version: 1,
  id: 'sentient',
  name: 'Sentient (OML fingerprinting, Enclaves Framework)',
  about: 'Fingerprints by which the owner of a model finds its use, and a framework for enclaves.',
  repositories: [
    'github:sentient-agi/oml-1.0-fingerprinting',
    'github:sentient-agi/Sentient-Enclaves-Framework',
  ],
  homepage: 'https://sentient.xyz',
  kind: 'project',
  state: { is: 'not stated', source: 'github:sentient-agi/Sentient-Enclaves-Framework README.md' },
  sources: [marks.source, enclaves.source],
  claims: [
    {
      id: 'fingerprints',
      quote:
        'Thus model users can use their fingerprints to be able to verify the exact model they are talking to.',
      ...marks.quoted('README.md'),
      cell: 'verifiability-security',
      ledger: false,
      mechanism: 'secret queries to which a fine-tuned model gives agreed answers',
      trust: ['that the secret queries stay secret', 'that fine-tuning does not remove them'],
      scope: { in: ['which model answers'], out: ['whether an answer is right'] },
      withoutLedger: 'Nothing: the public code has no ledger.',
      findings: findings({ marksreadme: ['v1.documented'], markscode: ['v1.inspectable', 'v2.detectable'] }),
    },
    {
      id: 'enclaves',
      quote: 'Confidential AI Inference: Run AI models in isolated, attestable environments',
      ...enclaves.quoted('README.md'),
      cell: 'privacy-security',
      ledger: false,
      mechanism: 'AWS Nitro enclaves, reproducible images',
      trust: ['AWS'],
      scope: { in: ['workloads in an enclave'], out: [] },
      withoutLedger: 'Nothing: the public code has no ledger.',
      findings: findings({ enclavereadme: ['p1.kept'], enclavecode: ['p2.unreadable'] }),
    },
  ],
  evidence: [
    marks.documents(
      'marksreadme',
      'README.md',
      'Generating, embedding and checking fingerprints are described.',
    ),
    marks.shows(
      'markscode',
      'check_fingerprints.py',
      'The code that makes and checks fingerprints is public. It names no ledger.',
    ),
    enclaves.documents(
      'enclavereadme',
      'README.md',
      'Enclaves, attestation and encrypted channels are described. No ledger is named.',
    ),
    enclaves.shows(
      'enclavecode',
      'pipeline',
      'The framework is public under Apache-2.0: work runs in an enclave whose memory the host does not read.',
    ),
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-30', edited: '2026-11-30', dataAsOf: '2026-11-30' },
};
