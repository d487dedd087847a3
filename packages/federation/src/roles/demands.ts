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
  async function read(round: number): Promise<Map<number, readonly StoreReceipt[]>> {
    const bytes = await outbox.read(round);
    if (bytes === undefined) return new Map();
    return new Map(decodeCanonical(bytes) as unknown as readonly [number, readonly StoreReceipt[]][]);
  }
  return {
    async keep(round, sets) {
      // A process before this one may have closed the round with more, in a move that was on its
      // way.
      await outbox.write(round, encodeCanonical([...(await read(round)), ...sets]));
    },
    find: async (round, participant) => (await read(round)).get(participant),
  };
}

/**
 * Answers open demands, all at once: each has the same time, and there may be as many as updates.
 * True if a move was made. Who closed the round answers at once, any other aggregator for it when
 * half of the time is over.
 */
export async function answerDemands(
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
  const isDue = ({ current, deadline }: (typeof open)[number]) =>
    current.closedBy === signer.account || now > deadline - terms.phases.appealing / 2;

  const answer = async ({ round, current, participant }: (typeof open)[number]): Promise<boolean> => {
    const { blob } = current.commitments[participant]!;
    const own = await kept.find(round, participant);
    // Kept for another commitment where a ledger took back the one that the round had then.
    const set = own !== undefined && isReceiptSet(terms, blob, own) ? own : await receipts.find(blob);
    if (set === undefined) return false;
    const outcome = await view.submit({ type: 'answer', round, participant, receipts: set });
    if (outcome === undefined || isRefusal(outcome)) return false;
    onEvent?.({ type: 'answered', round, participant });
    return true;
  };
  return (await Promise.all(open.filter(isDue).map(answer))).includes(true);
}
