/**
 * Demands (docs/specs/round.md §7): who cannot read an included update says so in public and asks
 * for its receipts; who included it answers. Absence is a ground for nothing.
 */
import { decodeCanonical, encodeCanonical } from '@nonet/core/codec';
import { isRefusal, type JobState, type Round, type StoreReceipt } from '@nonet/core/ports';
import { isReceiptSet } from '../rules/judge.ts';
import { isOver } from '../rules/state.ts';
import type { Outbox } from '../site/outbox.ts';
import type { JobView, RoleParameters } from './jobView.ts';
import type { ReceiptReader } from './receiptReader.ts';

/** Demands the receipts of what cannot be read, each once; true if a move was made. */
export type Demand = (number: number, round: Round, participants: readonly number[]) => Promise<boolean>;

export function createDemand({ job, onEvent }: RoleParameters, view: JobView): Demand {
  const demanded = new Set<string>();
  return async (number, { demands }, participants) => {
    const fresh = participants.filter((participant) => !demanded.has(`${number} ${participant}`));
    if (fresh.length === 0) return false;
    onEvent?.({ type: 'abstained', round: number, participants: fresh });
    let moved = false;
    for (const participant of fresh) {
      demanded.add(`${number} ${participant}`);
      if (demands[participant] !== undefined || job.phases.appealing === 0) continue;
      const outcome = await view.submit({ type: 'demand', round: number, participant });
      moved ||= outcome !== undefined && !isRefusal(outcome);
    }
    return moved;
  };
}

/** The receipts of what an aggregator included, kept before it says so. */
export interface KeptReceipts {
  keep(round: number, sets: ReadonlyMap<number, readonly StoreReceipt[]>): Promise<void>;
  /** Of one participant's update; undefined where this aggregator did not include it. */
  find(round: number, participant: number): Promise<readonly StoreReceipt[] | undefined>;
}

export function createKeptReceipts(outbox: Outbox): KeptReceipts {
  return {
    keep: (round, sets) => outbox.write(round, encodeCanonical([...sets])),
    async find(round, participant) {
      const bytes = await outbox.read(round);
      if (bytes === undefined) return undefined;
      const sets = decodeCanonical(bytes) as unknown as readonly [number, readonly StoreReceipt[]][];
      return sets.find(([one]) => one === participant)?.[1];
    },
  };
}

/**
 * Answers the first open demand that it can; true if a move was made. Who closed the round answers at
 * once, any other aggregator for it when half of the time is over.
 */
export async function answerDemand(
  { ledger, signer, onEvent }: RoleParameters,
  view: JobView,
  { terms, rounds }: JobState,
  kept: KeptReceipts,
  receipts: ReceiptReader,
): Promise<boolean> {
  const open = rounds.flatMap((current, round) =>
    isOver(current)
      ? []
      : Object.entries(current.demands)
          .filter(([, { answered }]) => !answered)
          .map(([name, { deadline }]) => ({ round, current, participant: Number(name), deadline })),
  );
  if (open.length === 0) return false;
  const now = await ledger.now();
  for (const { round, current, participant, deadline } of open) {
    const { closedBy, commitments } = current;
    if (closedBy !== signer.account && now <= deadline - terms.phases.appealing / 2) continue;
    const { blob } = commitments[participant]!;
    const set = (await kept.find(round, participant)) ?? (await receipts.find(blob));
    if (set === undefined || !isReceiptSet(terms, blob, set)) continue;
    const outcome = await view.submit({ type: 'answer', round, participant, receipts: set });
    if (outcome === undefined || isRefusal(outcome)) continue;
    onEvent?.({ type: 'answered', round, participant });
    return true;
  }
  return false;
}
