/** Cohorts that would take minutes to join. */
import type { Address, Hex } from '@nonet/core';
import { encodeAbiParameters, keccak256, numberToHex } from 'viem/utils';
import type { Play } from './play.ts';

/**
 * Where the contract keeps jobs, and of a job the number of participants; deployment.test.ts checks
 * it.
 */
export const jobsSlot = 6n;
export const participantsSlot = 1n;

/** Writes into the job's storage that so many have joined. */
export async function pretendParticipants(
  { chain, rpc, contract }: Play,
  job: Address,
  count: number,
): Promise<void> {
  const parameters = [{ type: 'bytes32' }, { type: 'uint256' }] as const;
  const first = BigInt(keccak256(encodeAbiParameters(parameters, [job, jobsSlot])));
  const key = numberToHex(first + participantsSlot, { size: 32 });
  const word = BigInt(await rpc.request<Hex>('eth_getStorageAt', [contract, key, 'latest']));
  const changed = numberToHex((word & ~0xffffn) | BigInt(count), { size: 32 });
  await chain.anvil.request('anvil_setStorageAt', contract, key, changed);
}
