/**
 * The 19 incidents of the catalogue, each with the item that could have warned of it and evidence
 * from before, or the reason why there is none. In neutral words, about mechanisms. Read on
 * 2026-11-27.
 */
import type { BacktestCase } from '../src/evaluation/backtest.ts';

const memoryBus = {
  fact: 'Lee et al. read confidential data of enclaves from the memory bus: whoever has the machine is not kept out by it.',
  source: 'arXiv:1912.01701',
  pin: { version: 'v1' },
  published: '2019-12-03',
} as const;

const sudo = {
  source: 'github:opentensor/subtensor runtime/src/lib.rs',
  cell: 'performance-decentralisation',
  on: 'd2.unstoppable',
  says: false,
} as const;

/** All incidents, for the back-test. */
export const incidents: readonly BacktestCase[] = [
  {
    project: 'EZKL',
    file: 'ezkl',
    date: '2025-01',
    what: 'An audit found soundness weaknesses of high severity.',
    source: 'blog.ezkl.xyz/post/audit',
    warning: {
      cell: 'verifiability-security',
      on: 's2.audited',
      says: false,
      fact: 'The README said that the software was unaudited.',
      source: 'github:zkonduit/ezkl README.md',
      pin: { commit: 'c839a30ae6a3fe195822515d3a9d5214a39466eb' },
      published: '2024-12-31',
      grade: 2,
      ownWord: true,
      changedSince: 'The audit of January 2025 has been published since.',
    },
    because:
      'an unaudited proof system is where such weaknesses are found; but the project said so openly, which must not rank below silence',
  },
  {
    project: 'RISC Zero',
    file: 'risc-zero',
    date: '2025',
    what: 'Critical soundness weaknesses of a circuit were found and fixed.',
    source: 'veridise.com; CHANGELOG.md',
    because:
      'audits covered earlier versions and no item was false: formal assurance (s4) was unknown, which says nothing',
  },
  {
    project: 'HPE Swarm Learning',
    date: '2021',
    what: 'A paper on clinical swarm learning appeared.',
    source: 'Nature 594, 265 (2021)',
    outside: true,
    because: 'a publication, no failure',
  },
  {
    project: 'Bittensor',
    date: '2024-07-02',
    what: 'After a malicious package had stolen keys the chain was put into a mode without transactions by its operators.',
    source: 'fullycrypto.com, blockbriefly.com',
    warning: {
      ...sudo,
      fact: 'The runtime had a sudo pallet: one key could change anything, without delay.',
      pin: { commit: 'c6e1079250b0bf9589bb8269d075f3f7a1850f1c' },
      published: '2024-06-28',
      grade: 2,
    },
    because: 'whoever can stop the chain can be read in its runtime; the theft itself is another case',
  },
  {
    project: 'Bittensor',
    date: '2024-06-01',
    what: 'Wallets were drained; a malicious package of the same period took keys.',
    source: 'secret3.com',
    because: 'the ladders have no item on signed releases',
  },
  {
    project: 'Bittensor',
    date: '2026-04-10',
    what: 'A team left after a dispute about who controls emissions.',
    source: 'panewslab.com; odaily.news',
    warning: {
      ...sudo,
      fact: 'The runtime had a sudo pallet and a safe mode.',
      pin: { commit: '98174b5f0a7f8cf67bb80431c47c436abc821464' },
      published: '2026-03-31',
      grade: 2,
    },
    because: 'the facts of the dispute are contested; that a single key existed is not',
  },
  {
    project: 'Templar',
    file: 'templar',
    date: '2026-04-10',
    what: 'The project left the ledger that it ran on.',
    source: 'odaily.news',
    warning: {
      ...sudo,
      fact: 'The runtime of the ledger that pays its participants had a sudo pallet and a safe mode.',
      pin: { commit: '98174b5f0a7f8cf67bb80431c47c436abc821464' },
      published: '2026-03-31',
      grade: 1,
    },
    because: 'the power lies with the host, so the evidence is indirect for the guest',
  },
  {
    project: 'Phala',
    file: 'dstack',
    date: '2025-09-30',
    what: 'WireTap: an attestation key of SGX was taken with a memory interposer.',
    source: 'scworld.com',
    warning: { ...memoryBus, cell: 'privacy-security', on: 'p2.unreadable', says: false, grade: 2 },
    because:
      'the operator has the machine, and vendors exclude physical attacks; shown on another system, and the code that encrypts memory says otherwise: contested',
  },
  {
    project: 'Phala',
    file: 'dstack',
    date: '2025-10',
    what: 'TEE.fail: the same for TDX, SEV-SNP and confidential GPUs.',
    source: 'safeheron.com',
    warning: { ...memoryBus, cell: 'privacy-security', on: 'p2.unreadable', says: false, grade: 2 },
    because: 'as before; indirect, because shown on another technology',
  },
  {
    project: 'Secret Network',
    file: 'secret',
    date: '2022-10-03',
    what: 'Researchers extracted the master seed of the network.',
    source: 'sgx.fail; scrt.network',
    warning: {
      cell: 'privacy-decentralisation',
      on: 'p3.blast',
      says: false,
      fact: 'Each new enclave got the one consensus seed from which all keys are derived.',
      source: 'github:scrtlabs/SecretNetwork cosmwasm/enclaves/execute/src/registration/seed_exchange.rs',
      pin: { commit: '2ff3ac1168f4837bdf2d033b1ae17f3732b201e5' },
      published: '2022-09-28',
      grade: 2,
    },
    because: 'one seed for everybody is one break for everybody',
  },
  {
    project: 'Secret Network',
    file: 'secret',
    date: '2025-09-30',
    what: 'WireTap forged an enclave of the test network and read confidential data.',
    source: 'scrt.network',
    warning: { ...memoryBus, cell: 'privacy-decentralisation', on: 'p2.unreadable', says: false, grade: 2 },
    because:
      'every validator has its machine in its own hands; shown on another system, and the code says otherwise: contested',
  },
  {
    project: 'Secret Network',
    file: 'secret',
    date: '2023-01',
    what: 'A dispute about governance; a validator left.',
    source: 'btx.com.au',
    outside: true,
    because: 'finances of a foundation are no matter of the ladders',
  },
  {
    project: 'io.net',
    file: 'ionet',
    date: '2024-04-25',
    what: 'Counted devices turned out to be faked in large numbers.',
    source: 'theblock.co; protechbro.com',
    because:
      'test H9 (self-reported counters) is about this, but no source from before that day was found that shows how devices were checked',
  },
  {
    project: 'Aethir',
    date: '2026-04-09',
    what: 'The ownership of a bridge adapter was taken over with one call, and it was drained.',
    source: 'defirisk.co',
    because:
      'one call of owner() would have shown it (d2, H7), but nobody recorded the answer before that day',
  },
  {
    project: 'Ocean Protocol',
    date: '2025-10-09',
    what: 'A dispute between members of an alliance about tokens.',
    source: 'coinlaw.io; auriccrypto.com',
    outside: true,
    because: 'treasuries are no matter of the ladders',
  },
  {
    project: 'ElizaOS',
    file: 'elizaos',
    date: '2025-03',
    what: 'Injected memories made agents transfer funds in experiments.',
    source: 'themoonlight.io; 2048ai.net',
    warning: {
      cell: 'verifiability-security',
      on: 'H11',
      says: true,
      fact: 'Greshake et al. steer applications of language models by text that these retrieve.',
      source: 'arXiv:2302.12173',
      pin: { version: 'v2' },
      published: '2023-05-05',
      grade: 1,
    },
    because:
      'the attack was known in general; that this framework had no policy outside the model was not looked up',
  },
  {
    project: 'Fetch.ai',
    file: 'fetch',
    date: '2025-10',
    what: 'The other side of the dispute between members of an alliance.',
    source: 'gate.com; coinlaw.io',
    outside: true,
    because: 'treasuries are no matter of the ladders',
  },
  {
    project: 'World',
    file: 'world-id-3',
    date: '2024-03',
    what: 'A data protection authority ordered operations in one country to stop.',
    source: 'catalannews.com; pledgetimes.com',
    outside: true,
    because: 'law is evidence here, not an item',
  },
  {
    project: 'World',
    file: 'world-id-3',
    date: '2024-12-19',
    what: 'An authority found that iris codes had been stored in plain text for a time; under appeal when read.',
    source: 'security.nl; biometricupdate.com',
    because: 'p2 is about this, but it could not be seen from outside',
  },
];
