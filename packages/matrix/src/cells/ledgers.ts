/**
 * The ledger trilemma as a view: for each ledger how much it takes, how soon it is final, what a
 * decision costs, who runs it, and what one operator could do. The embedded ledger is measured by
 * `nonet bench ledger`; the others are cited, each figure with source, pin and date. Fees in money
 * are left out: they change by the hour.
 */
import { createFigure, type Evidence, type Figure, readFigure } from '@nonet/core/records';
import { cellFigures } from './figures.ts';
import type { Citation } from './profiles.ts';
import { monthsBetween } from './score.ts';

/** A figure of a ledger, with its source. */
export interface LedgerFact extends Citation {
  readonly value: number;
  readonly unit: string;
  /**
   * After so many months the figure deserves half the belief; parameters of a protocol change
   * seldom, limits that operators vote on more often.
   */
  readonly halfLifeMonths: number;
}

/** A public ledger, in figures that its documents give. */
export interface LedgerRow {
  readonly id: string;
  readonly name: string;
  /** Seconds between blocks. */
  readonly blockTime: LedgerFact;
  /** Gas per second that it is made for. */
  readonly gasPerSecond?: LedgerFact;
  /** Where there is no such figure: why. A missing figure does not mean that there are no contracts. */
  readonly whyNoGas?: string;
  /** Seconds until a decision can only be undone by breaking the protocol. */
  readonly finality: LedgerFact;
  readonly validators: { readonly text: string; readonly halfLifeMonths: number } & Citation;
  /** What one operator could do alone. */
  readonly oneOperator: string;
  /** What it can do for a job. */
  readonly serves: string;
}

const specs = { source: 'ethereum/consensus-specs', date: '2026-11-27' } as const;

/** Public ledgers to compare with. */
export const citedLedgers: readonly LedgerRow[] = [
  {
    id: 'ethereum',
    name: 'Ethereum',
    blockTime: {
      ...specs,
      pin: 'configs/mainnet.yaml at 9fce57d9',
      value: 12,
      unit: 'seconds',
      halfLifeMonths: 24,
      says: 'a slot lasts 12 seconds',
    },
    gasPerSecond: {
      source: 'EIP-7935',
      pin: 'ethereum/EIPs at b4197cbb, status Final',
      date: '2025-04-22',
      value: 60e6 / 12,
      unit: 'gas per second',
      halfLifeMonths: 12,
      says: 'a block may use 60 million gas; divided by the 12 seconds of a slot',
    },
    finality: {
      ...specs,
      pin: 'presets/mainnet/phase0.yaml at 63e5f3d0',
      value: 2 * 32 * 12,
      unit: 'seconds',
      halfLifeMonths: 24,
      says: 'two epochs of 32 slots; the roadmap page of ethereum.org rounds it to 15 minutes',
    },
    validators: {
      source: 'Binance News, quoting a developer of the protocol',
      pin: 'post 7467867333930',
      date: '2024-04-30',
      says: '1,000,012 active validators, of which one operator may run many',
      halfLifeMonths: 12,
      text: 'about a million keys; how many operators stand behind them is not known',
    },
    oneOperator: 'leave a transaction out of its own slots; it waits for the next one',
    serves: 'contracts judge rounds and disputes',
  },
  {
    id: 'arbitrum-one',
    name: 'Arbitrum One',
    blockTime: {
      source: 'docs.arbitrum.io, sequencer timing adjustments',
      pin: 'page without a version',
      date: '2026-11-27',
      value: 0.25,
      unit: 'seconds',
      halfLifeMonths: 12,
      says: 'the default block time is 250 ms',
    },
    // The 7 million gas per second of older pages are of the time before ArbOS 51, active since
    // 2026-01-08 (docs.arbitrum.io, ArbOS 51 Dia).
    whyNoGas: 'several targets since ArbOS 51',
    finality: {
      source: 'docs.arbitrum.io, challenge period on L1',
      pin: 'page without a version',
      date: '2026-11-27',
      value: 6.4 * 86_400,
      unit: 'seconds',
      halfLifeMonths: 12,
      says: 'an assertion can be challenged for 6.4 days; the order of transactions is final with the Ethereum block that holds their batch',
    },
    validators: {
      source: 'docs.arbitrum.io, transaction lifecycle',
      pin: 'page without a version',
      date: '2026-11-27',
      says: 'a sequencer orders; the delayed inbox on Ethereum bypasses it',
      halfLifeMonths: 12,
      text: 'one sequencer; validators check what it ordered',
    },
    oneOperator:
      'delay and reorder until the delayed inbox forces a transaction in; a wrong state can be challenged',
    serves: 'contracts judge rounds and disputes',
  },
  {
    id: 'base',
    name: 'Base',
    blockTime: {
      source: 'base/docs, transaction-finality.mdx',
      pin: '164b5463',
      date: '2026-11-27',
      value: 2,
      unit: 'seconds',
      halfLifeMonths: 12,
      says: 'after roughly 2 seconds the sequencer has built the transaction into a block',
    },
    gasPerSecond: {
      source: 'base/contract-deployments, 2026-03-25-increase-gas-and-elasticity-limit',
      pin: '15ac105a',
      date: '2026-03-25',
      value: 400e6 / 5 / 2,
      unit: 'gas per second',
      halfLifeMonths: 6,
      says: 'a block may use 400 million gas with elasticity 5: the target is a fifth of it in 2 seconds',
    },
    finality: {
      source: 'base/docs, transaction-finality.mdx',
      pin: '164b5463',
      date: '2026-11-27',
      value: 20 * 60,
      unit: 'seconds',
      halfLifeMonths: 12,
      says: 'about 20 minutes until the batch is two epochs deep in Ethereum; withdrawals wait 7 days',
    },
    validators: {
      source: 'base/docs, transaction-finality.mdx',
      pin: '164b5463',
      date: '2026-11-27',
      says: 'the sequencer builds blocks and distributes them; a dispute needs one honest challenger',
      halfLifeMonths: 12,
      text: 'one sequencer; anyone may challenge',
    },
    oneOperator: 'delay and reorder transactions; a wrong state can be challenged for 7 days',
    serves: 'contracts judge rounds and disputes',
  },
  {
    id: 'bitcoin',
    name: 'Bitcoin',
    blockTime: {
      source: 'bitcoin/bitcoin, src/kernel/chainparams.cpp',
      pin: '284c42a3',
      date: '2026-11-27',
      value: 600,
      unit: 'seconds',
      halfLifeMonths: 120,
      says: 'difficulty aims at one block in 10 minutes',
    },
    whyNoGas: 'no contracts',
    finality: {
      source: 'BitPay support, block confirmations',
      pin: 'article 115004832203',
      date: '2026-11-27',
      value: 3600,
      unit: 'seconds',
      halfLifeMonths: 60,
      says: 'six confirmations are the custom of the trade for large values; probabilistic, never final',
    },
    validators: {
      source: 'bitcoin/bitcoin, src/consensus/consensus.h',
      pin: '7cbcb55d',
      date: '2026-11-27',
      says: 'any node checks every block; who mines is decided by computing power',
      halfLifeMonths: 120,
      text: 'anyone may check; miners order',
    },
    oneOperator: 'leave a transaction out of its own blocks',
    serves: 'holds a root; has no contracts that could judge a round',
  },
];

/** All that is cited of a ledger. */
export function factsOf({
  blockTime,
  gasPerSecond,
  finality,
  validators,
}: LedgerRow): (Citation & { readonly halfLifeMonths: number })[] {
  return [blockTime, ...(gasPerSecond === undefined ? [] : [gasPerSecond]), finality, validators];
}

/** The embedded ledger, as `nonet bench ledger` measured it here. */
export interface EmbeddedLedger {
  readonly throughput: Figure;
  readonly inclusion: Figure;
  readonly gasPerDecision: Figure;
  readonly date: string;
  readonly machine: string;
}

/** Ledgers side by side: how fast, how final, in whose hands. */
export interface TrilemmaView {
  /** Undefined where `nonet bench ledger` has not been run. */
  readonly embedded?: EmbeddedLedger;
  /** What one operator of the embedded ledger could do. */
  readonly embeddedOperator: string;
  readonly ledgers: readonly (LedgerRow & {
    /** Decisions per second if the ledger did nothing else, by the gas measured here. */
    readonly decisionsPerSecond?: Figure;
    /** What its citations say and is older than its half-life. */
    readonly stale: readonly string[];
  })[];
}

/** The newest record that has the three figures of `nonet bench ledger`. */
export function embeddedLedgerIn(evidence: readonly Evidence[]): EmbeddedLedger | undefined {
  const found = evidence
    .flatMap((record) => {
      const throughput = readFigure(record, cellFigures['commits.perSecond']);
      const inclusion = readFigure(record, cellFigures.inclusion);
      const gasPerDecision = readFigure(record, cellFigures['gas.commit']);
      if (throughput === undefined || inclusion === undefined || gasPerDecision === undefined) return [];
      const machine = record.origin.type === 'run' ? record.origin.machine : record.origin.source;
      return [{ throughput, inclusion, gasPerDecision, date: record.date, machine }];
    })
    .toSorted((a, b) => Date.parse(b.date) - Date.parse(a.date));
  return found[0];
}

/** `date` is ISO 8601: what is older than its half-life by then is called stale. */
export function trilemmaView(evidence: readonly Evidence[], date: string): TrilemmaView {
  const embedded = embeddedLedgerIn(evidence);
  return {
    ...(embedded === undefined ? {} : { embedded }),
    embeddedOperator: 'rewrite everything before showing it to others: the runner of the job operates it',
    ledgers: citedLedgers.map((row) => ({
      ...row,
      stale: factsOf(row)
        .filter((fact) => monthsBetween(fact.date, date) > fact.halfLifeMonths)
        .map(({ says }) => says),
      ...(embedded === undefined || row.gasPerSecond === undefined
        ? {}
        : {
            decisionsPerSecond: createFigure(
              cellFigures.decisionsPerSecond,
              row.gasPerSecond.value / embedded.gasPerDecision.value,
            ),
          }),
    })),
  };
}
