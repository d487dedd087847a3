/** A bare anvil with the contract on it, and the contract's storage in the form of the reducer's state. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address, Hex } from '@nonet/core';
import { type Account, createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { type JobState, type Round, timedPhases } from '@nonet/core/ports';
import type { LedgerFixture } from '@nonet/core/testing';
import { type ContractFunctionReturnType, decodeFunctionResult, encodeFunctionData } from 'viem';
import { nonetAbi } from '../src/artefacts/nonetAbi.ts';
import { type Anvil, startAnvil } from '../src/embedded/anvil.ts';
import { accountOf, phaseOf } from '../src/events.ts';
import { connectLedger, deployContracts } from '../src/index.ts';
import { createRpc, type Rpc } from '../src/rpc.ts';

export interface BareAnvil {
  readonly anvil: Anvil;
  readonly url: string;
  readonly signers: readonly Signer[];
  passTime(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Mines each transaction at once; time stands still except for `passTime`. */
export async function startBareAnvil(accounts = 10): Promise<BareAnvil> {
  const directory = mkdtempSync(join(tmpdir(), 'nonet-anvil-'));
  const genesisFile = join(directory, 'genesis.json');
  const genesis = {
    config: { chainId: 31337 },
    timestamp: '0x65000000',
    gasLimit: '0x3938700',
    difficulty: '0x0',
    alloc: {},
  };
  writeFileSync(genesisFile, JSON.stringify(genesis));
  const anvil = await startAnvil({ genesisFile, chainId: 31337 });
  const signers = Array.from({ length: accounts }, () => createSigner(createPrivateKey()));
  for (const { account } of signers) await anvil.request('anvil_setBalance', account, '0xde0b6b3a7640000');
  await anvil.request('evm_setAutomine', true);
  await anvil.request('anvil_setBlockTimestampInterval', 0);
  return {
    anvil,
    url: anvil.url,
    signers,
    async passTime(seconds) {
      const { timestamp } = await anvil.request<{ timestamp: Hex }>('eth_getBlockByNumber', 'latest', false);
      await anvil.request('evm_setNextBlockTimestamp', Number(timestamp) + seconds);
      await anvil.request('evm_mine');
    },
    async close() {
      await anvil.kill();
      rmSync(directory, { recursive: true });
    },
  };
}

/** The contract's ledger, as the conformance suite wants it. */
export async function createContractFixture(): Promise<LedgerFixture> {
  const chain = await startBareAnvil();
  const { url, signers } = chain;
  const { contract } = await deployContracts({ url, signer: signers[0]! });
  const ledger = await connectLedger({ url, contract, operator: 'self', pollMilliseconds: 20 });
  const rpc = createRpc(url);
  return {
    ledger,
    signers,
    passTime: chain.passTime,
    held: async () => BigInt(await rpc.request<Hex>('eth_getBalance', [contract, 'latest'])),
    readStorage: (state) => readStorage(rpc, contract, state, signers),
    close: chain.close,
  };
}

type ViewName = 'jobOf' | 'roundOf' | 'participantOf' | 'memberOf';

/** Reads what the contract stores; `state` only says how many rounds to read, and lends what is kept in events alone. */
async function readStorage(
  rpc: Rpc,
  contract: Account,
  state: JobState,
  signers: readonly Signer[],
): Promise<JobState> {
  const view = async <Name extends ViewName>(functionName: Name, ...args: unknown[]) => {
    const data = encodeFunctionData({ abi: nonetAbi, functionName, args } as Parameters<
      typeof encodeFunctionData
    >[0]);
    const result = await rpc.request<Hex>('eth_call', [{ to: contract, data }, 'latest']);
    return decodeFunctionResult({
      abi: nonetAbi,
      functionName,
      data: result,
    } as never) as ContractFunctionReturnType<typeof nonetAbi, 'view', Name>;
  };
  const { job } = state.terms;
  const accounts = signers.map(({ account }) => account);
  const [stored, members, rounds] = await Promise.all([
    view('jobOf', job),
    Promise.all(accounts.map((account) => view('memberOf', job, account))),
    Promise.all(state.rounds.map((_, round) => readRound(round))),
  ]);

  async function readRound(round: number): Promise<Round> {
    const header = await view('roundOf', job, round);
    const numbers = Array.from({ length: header.size }, (_, participant) => participant);
    const each = await Promise.all(
      numbers.map((participant) => view('participantOf', job, round, participant)),
    );
    const where = (flag: 1 | 2 | 3) => numbers.filter((participant) => each[participant]![flag]);
    const committed = numbers.filter((participant) => BigInt(each[participant]![0]) !== 0n);
    return {
      phase: phaseOf(header.phase),
      deadline: header.deadline,
      size: header.size,
      model: header.model as Address,
      commitments: Object.fromEntries(
        committed.map((participant) => [participant, each[participant]![0] as Address]),
      ),
      unavailable: where(1),
      ...(header.stepped
        ? { step: { model: header.stepModel as Address, refused: where(2), by: accountOf(header.stepBy) } }
        : {}),
      paid: where(3),
    };
  }

  const participants: Account[] = [];
  members.forEach(({ number }, i) => {
    if (number > 0) participants[number - 1] = accounts[i]!;
  });
  const ends = [
    undefined,
    {
      reason: 'objected' as const,
      round: stored.objectedRound,
      posted: rounds[stored.objectedRound]?.step?.model as Address,
      // Kept in the event only.
      ...(state.end?.reason === 'objected'
        ? { objected: state.end.objected, refused: state.end.refused }
        : { objected: '0x' as Address, refused: [] }),
      by: accountOf(stored.objector),
      at: stored.endedAt,
    },
    { reason: 'withdrawn' as const },
  ];
  const end = ends[stored.end];
  const { escrow, bond, rounds: wanted, minimum, maximum, invited, creator, phases } = stored;
  return {
    terms: {
      ...state.terms,
      creator: accountOf(creator),
      ...{ rounds: wanted, minimum, maximum, invited, escrow, bond },
      phases: Object.fromEntries(
        timedPhases.map((phase, i) => [phase, phases[i]]),
      ) as JobState['terms']['phases'],
    },
    admitted: accounts.filter((_, i) => members[i]!.admitted),
    participants,
    rounds,
    ...(end === undefined ? {} : { end }),
    refunded: stored.refunded,
    bondReturned: stored.bondReturned,
  };
}
