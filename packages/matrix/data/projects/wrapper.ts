/**
 * A constructed control: an agent that repackages a hosted model. No project is meant, and no
 * public source is quoted: it is here to show what the method says of such a claim, and which guard
 * rails keep it from saying more.
 */
import type { Project } from '../../src/evaluation/records.ts';
import { findings } from '../source.ts';

/** The page that is quoted, as it was archived: the hash of the claim is that of this text. */
export const constructedPage =
  'Our agents think on chain, verifiably and without any central party. Buy the token and ask.';

export const wrapper: Project = {
  version: 1,
  id: 'wrapper',
  name: 'Constructed control: agent around a hosted model',
  about:
    'An agent with a token that sends each request to somebody else’s hosted model. Constructed; no project named.',
  kind: 'constructed',
  repositories: [],
  state: { is: 'not stated', source: 'constructed' },
  sources: [
    {
      id: 'constructed',
      pin: { sha256: '79c1e6d133cdde4602ee02de169795aa76dba9b151d8c9a7996767a5e33272bf' },
      dated: '2026-11-27',
      read: '2026-11-27',
      checked: '2026-11-30',
    },
  ],
  claims: [
    {
      id: 'onchain-intelligence',
      quote: 'Our agents think on chain, verifiably and without any central party.',
      source: 'constructed',
      pin: { sha256: '79c1e6d133cdde4602ee02de169795aa76dba9b151d8c9a7996767a5e33272bf' },
      archive: '79c1e6d133cdde4602ee02de169795aa76dba9b151d8c9a7996767a5e33272bf',
      cell: 'verifiability-decentralisation',
      ledger: true,
      mechanism: 'requests to a hosted model, a token for access',
      trust: ['the host of the model', 'whoever runs the agent'],
      scope: { in: ['answers of the agent'], out: [] },
      withoutLedger: 'Access could be sold for money; the answers would be the same.',
      findings: findings({ blocked: ['H1'] }, { blocked: ['v2.detectable'], flow: ['coupling'] }),
    },
  ],
  evidence: [
    {
      id: 'blocked',
      grade: 2,
      kind: 'code',
      source: 'constructed',
      pin: { sha256: '0'.repeat(64) },
      fact: 'With the domain of the hosted model blocked nothing answers; there is no own model, proof or attestation.',
      published: '2026-11-27',
      retrieved: '2026-11-27',
      interest: 'independent',
      downgrades: [],
    },
    {
      id: 'flow',
      grade: 2,
      kind: 'code',
      source: 'constructed',
      pin: { sha256: '0'.repeat(64) },
      fact: 'The contract sells access and touches no answer.',
      published: '2026-11-27',
      retrieved: '2026-11-27',
      interest: 'independent',
      downgrades: [],
    },
  ],
  incidents: [],
  review: {},
  timestamps: { published: '2026-11-27', edited: '2026-11-27', dataAsOf: '2026-11-27' },
};
