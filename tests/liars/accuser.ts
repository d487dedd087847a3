/**
 * A watcher that accuses honest aggregators: of each posted step it says, with every leaf that the
 * ledger asks for and each of them genuine, that a number, the header and an accepted update are
 * wrong; that receipts were not shown; and it objects with a bond.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { type Address, addressOf, utf8 } from '@nonet/core';
import type { JobState, Lie, Move } from '@nonet/core/ports';
import { idOfJob } from '@nonet/core/records';
import { acceptedParticipants, isJobOver, showLeaf } from '@nonet/federation';
import { runRole } from '../../apps/cli/src/roles/channel.ts';
import { connectRole, connectStores } from '../../apps/cli/src/roles/connect.ts';
import type { WatcherConfiguration } from '../../apps/cli/src/roles/messages.ts';
import { type Connection, readState } from './lies.ts';

/** The first number of the data is in the first leaf after the header, in models as in updates. */
async function accusations({ job, store }: Connection, state: JobState, round: number): Promise<Move[]> {
  const current = state.rounds[round]!;
  const { headerLeaves } = job.arithmetic;
  const read = async (blob: Address) => (await store.get(blob)).bytes;
  const [start, next] = await Promise.all([read(current.model), read(current.posted!.model)]);
  const accepted = acceptedParticipants(current);
  const updates = await Promise.all(accepted.map((one) => read(current.commitments[one]!.blob)));
  const shown = (index: number) => ({ start: showLeaf(start, index), next: showLeaf(next, index) });
  const lies: Lie[] = [
    { kind: 'average', entry: 0, ...shown(headerLeaves), terms: updates.map((bytes) => showLeaf(bytes, 1)) },
    { kind: 'header', index: 0, ...shown(0) },
    {
      kind: 'accepted',
      participant: accepted[0]!,
      reason: 'WrongSigner',
      entry: 0,
      shown: showLeaf(updates[0]!, 0),
    },
    { kind: 'silence', participant: accepted[0]! },
  ];
  const model = addressOf(utf8('another model'));
  return [
    ...lies.map((lie): Move => ({ type: 'prove', round, lie })),
    { type: 'object', round, model, refused: [] },
  ];
}

runRole<WatcherConfiguration>(async (configuration, { signal, report }) => {
  const { ledger, job, signer } = await connectRole(configuration);
  const connection = { ledger, job, store: connectStores({ job, signer }) };
  const accused = new Set<number>();
  while (!signal.aborted) {
    const state = await readState(connection);
    if (isJobOver(state, await ledger.now())) return;
    for (const [round, { phase }] of state.rounds.entries()) {
      if (phase !== 'objecting' || accused.has(round)) continue;
      accused.add(round);
      for (const move of await accusations(connection, state, round)) {
        const wei = move.type === 'object' ? job.bond : 0n;
        const outcome = await ledger.rounds.submit(idOfJob(job), move, signer, wei);
        if (!('refused' in outcome)) throw new Error(`the ledger took ${move.type}`);
        report({ type: 'moveRefused', move, refusal: outcome });
      }
    }
    await pause(100);
  }
});
