/**
 * What a run cost: bytes, transactions, gas, and where the seconds of its rounds went. From the
 * ledger's events and the roles' reports.
 */
import type { LedgerEvent } from '@nonet/core/ports';
import type { RunCosts } from '@nonet/federation';
import type { Reported } from '../roles/messages.ts';

/** When what happened in a round: milliseconds of `Date.now()`. */
interface RoundTimes {
  opened?: number;
  trained?: number;
  /** Where updates are masked: the last registration, the set that is known, the last reveal. */
  registered?: number;
  closed?: number;
  revealed?: number;
  stepping?: { readonly from: number; readonly to: number };
}

/**
 * Seconds are wall-clock, over all rounds: `training` from opening a round to its last trained
 * site, `collecting` from there to the known set (uploads, commitments, waiting for absentees),
 * `stepping` from the known set to the posted step. Where updates are masked, registering at the
 * beginning of a round and revealing shares once its set is known are counted apart. `checking` is what watchers took to recompute
 * the steps; it goes on beside the next rounds, so it is no part of their time.
 */
export function measureCosts(
  events: readonly LedgerEvent[],
  reports: readonly Reported[],
  gas: number,
): RunCosts {
  const rounds = new Map<number, RoundTimes>();
  const checks = new Map<string, number>();
  let bytesMoved = 0;
  let masks: { seconds: number; bytes: number } | undefined;
  for (const { time, by, event } of reports) {
    if (event.type === 'traffic') bytesMoved += event.sent + event.received;
    if (!('round' in event)) continue;
    if (event.type === 'checked') checks.set(`${by} ${event.round}`, event.seconds);
    const round = rounds.get(event.round) ?? {};
    rounds.set(event.round, round);
    // A resumed run reports some of them twice; the last trained site counts, otherwise the first
    // report.
    if (event.type === 'trained') round.trained = time;
    if (event.type === 'opened') round.opened ??= time;
    if (event.type === 'closed') round.closed ??= time;
    if (event.type === 'registered') round.registered = time;
    if (event.type === 'revealed') round.revealed = time;
    if (event.type === 'registered' || event.type === 'revealed') {
      masks ??= { seconds: 0, bytes: 0 };
      masks.bytes += event.bytes;
    }
    if (event.type === 'stepped') round.stepping ??= { from: time - 1000 * event.seconds, to: time };
  }
  const checking = [...checks.values()].reduce((sum, taken) => sum + taken, 0);
  const seconds = { training: 0, collecting: 0, stepping: 0, checking };
  const between = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined ? 0 : Math.max(0, to - from) / 1000;
  for (const { opened, trained, stepping, registered, closed, revealed } of rounds.values()) {
    const begun = registered ?? opened;
    const known = revealed === undefined ? stepping?.from : closed;
    seconds.training += between(begun, trained);
    seconds.collecting += between(trained ?? begun, known);
    if (masks !== undefined) masks.seconds += between(opened, registered) + between(closed, revealed);
    seconds.stepping += between(stepping?.from, stepping?.to);
  }
  const transactions = new Set(events.map(({ transaction }) => transaction)).size;
  return { bytesMoved, transactions, gas, seconds, ...(masks === undefined ? {} : { masking: masks }) };
}
