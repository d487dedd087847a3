/** What is deployed: the artefacts, the modules and how they fit together. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hex } from '@nonet/core';
import { type Account, createSigner, type Signer } from '@nonet/core/identity';
import { encodeAbiParameters, keccak256, toFunctionSelector } from 'viem/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CompiledContract, writeArtefacts } from '../scripts/compileContracts.ts';
import { codeHashes } from '../src/artefacts/codeHashes.ts';
import { nonetAbi } from '../src/artefacts/nonetAbi.ts';
import { verifyDeployment } from '../src/deploy.ts';
import { encodeTerms } from '../src/moves.ts';
import { compileAll, deployHarness } from './harness.ts';
import { simulate } from './judgedRound.ts';
import { type Play, startPlay, termsBy } from './play.ts';
import { jobsSlot, participantsSlot } from './pretendParticipants.ts';
import { readView } from './readStorage.ts';

const modules = ['Membership', 'Judgement', 'Masks', 'Proofs', 'Views'] as const;
const names = ['Nonet', ...modules] as const;

let compiled: Map<string, CompiledContract>;
let play: Play;
let signer: Signer;

beforeAll(async () => {
  compiled = compileAll();
  play = await startPlay(2);
  signer = play.signers[1]!;
});
afterAll(() => play.chain.close());

describe('the code', () => {
  it('is that of the committed artefacts, byte for byte', () => {
    for (const [file, text] of writeArtefacts(compiled)) {
      const committed = readFileSync(join(import.meta.dirname, '../src/artefacts', file), 'utf8');
      expect(text === committed, `${file}: run node packages/chain/scripts/compileContracts.ts`).toBe(true);
    }
  });

  it.each(names)('of %s is below half of what EIP-170 allows', (name) => {
    expect(compiled.get(name)!.deployedBytecode.length / 2 - 1).toBeLessThanOrEqual(24_576 / 2);
  });

  it.each(names)('of %s has no opcode that London does not know', (name) => {
    const later = opcodesOf(compiled.get(name)!.deployedBytecode).filter(isLaterThanLondon);
    expect(later).toEqual([]);
  });

  it('is walked instruction by instruction: what a push pushes is no opcode', () => {
    expect(opcodesOf('0x605f5f60015e')).toEqual(
      [0x60, 0x5f, 0x60, 0x5e].filter((op) => op !== 0x5e).concat(0x5e),
    );
    // PUSH0, MCOPY, TLOAD, TSTORE, BLOBHASH, BLOBBASEFEE, CLZ
    expect([0x5f, 0x5e, 0x5c, 0x5d, 0x49, 0x4a, 0x1e].every(isLaterThanLondon)).toBe(true);
    expect([0x00, 0x48, 0x5b, 0x60, 0xf4, 0xfd, 0xfe].some(isLaterThanLondon)).toBe(false);
  });

  function opcodesOf(code: Hex): number[] {
    const bytes = Buffer.from(code.slice(2), 'hex');
    const found: number[] = [];
    for (let i = 0; i < bytes.length; i++) {
      found.push(bytes[i]!);
      if (bytes[i]! >= 0x60 && bytes[i]! <= 0x7f) i += bytes[i]! - 0x5f;
    }
    return found;
  }

  /** INVALID (0xfe) is known to be so. */
  function isLaterThanLondon(opcode: number): boolean {
    const known = [
      [0x00, 0x0b],
      [0x10, 0x1d],
      [0x20, 0x20],
      [0x30, 0x48],
      [0x50, 0x5b],
      [0x60, 0xa4],
      [0xf0, 0xf5],
      [0xfa, 0xfa],
      [0xfd, 0xff],
    ] as const;
    return !known.some(([low, high]) => opcode >= low && opcode <= high);
  }
});

describe('the storage', () => {
  it('is laid out alike in all contracts, and modules have none of their own', () => {
    const layouts = names.map((name) => {
      const { storage, types } = compiled.get(name)!.storageLayout;
      return JSON.stringify({ storage, types }).replaceAll(/"(astId|contract)":("[^"]*"|\d+),?/g, '');
    });
    expect(new Set(layouts.map((layout) => layout.replaceAll(/\)\d+_/g, ')_'))).size).toBe(1);
  });

  const structOf = (name: string) => {
    const { types } = compiled.get('Nonet')!.storageLayout;
    const [, type] = Object.entries(types).find(([key]) => key.startsWith(`t_struct(${name})`))!;
    return type.members!;
  };

  it('keeps what a commitment touches where Nonet.sol says, a head and a member in one slot each', () => {
    const source = readFileSync(join(import.meta.dirname, '../contracts/Nonet.sol'), 'utf8');
    const bitOf = (constant: string) =>
      Number(new RegExp(`constant ${constant} = (\\d+);`).exec(source)?.[1] ?? Number.NaN);
    const fields = {
      Head: {
        size: 'SIZE',
        awaitedFrom: 'AWAITED_FROM',
        committed: 'COMMITTED',
        attended: 'ATTENDED',
        steady: 'STEADY',
        outstanding: 'OUTSTANDING',
        regular: 'REGULAR',
        regularSince: 'REGULAR_SINCE',
        weight: 'WEIGHT',
      },
      Member: {
        left: 'LEFT',
        since: 'SINCE',
        attended: 'ATTENDANCE',
        steady: 'STEADINESS',
        maximumWeight: 'MAXIMUM_WEIGHT',
        announced: 'ANNOUNCED',
        registered: 'REGISTERED',
        awaited: 'AWAITED',
        masked: 'MASKED',
      },
    };
    for (const [name, constants] of Object.entries(fields)) {
      const members = structOf(name);
      expect(new Set(members.map(({ slot }) => slot))).toEqual(new Set(['0']));
      for (const [field, constant] of Object.entries(constants)) {
        const { offset } = members.find(({ label }) => label === field)!;
        expect([field, bitOf(constant)]).toEqual([field, 8 * offset]);
      }
    }
    const member = structOf('Member').find(({ label }) => label === 'number')!;
    const head = structOf('Head').find(({ label }) => label === 'phase')!;
    expect([member.offset, head.offset]).toEqual([0, 0]);
  });

  it('keeps jobs and participants where the tests write them', () => {
    const { storage } = compiled.get('Nonet')!.storageLayout;
    expect(BigInt(storage.find(({ label }) => label === '_jobs')!.slot)).toBe(jobsSlot);
    const participants = structOf('Job').find(({ label }) => label === 'participants')!;
    expect([BigInt(participants.slot), participants.offset]).toEqual([participantsSlot, 0]);
  });
});

describe('the modules', () => {
  const functionsOf = (name: string) =>
    compiled.get(name)!.abi.filter(({ type }) => type === 'function') as never[];

  it('have no function whose selector is another’s', () => {
    const selectors = names.flatMap((name) => functionsOf(name).map((item) => toFunctionSelector(item)));
    expect(new Set(selectors).size).toBe(selectors.length);
    expect(selectors.length).toBe(nonetAbi.filter(({ type }) => type === 'function').length);
  });

  it('answer at the contract’s address: every function reaches its code', async () => {
    const unknown = keccak256('0x00');
    for (const item of nonetAbi) {
      if (item.type !== 'function') continue;
      // Zeros: an unknown job, empty lists. Whatever comes back, it is not the silence of no
      // function.
      const data = `${toFunctionSelector(item)}${'00'.repeat(32 * 40)}` as Hex;
      const outcome = await simulate(play, data, signer);
      expect([item.name, outcome]).not.toEqual([item.name, 'nothing']);
    }
    expect(await simulate(play, unknown, signer)).toBe('nothing');
    expect(await simulate(play, '0x', signer, 1n)).toBe('WrongEncoding');
    expect(await simulate(play, unknown, signer, 1n)).toBe('nothing');
  });

  it('keep no job of their own', async () => {
    const addresses = await readView(play.rpc, play.contract, 'modules');
    const terms = termsBy(signer.account);
    const outcome = await simulate({ ...play, contract: addresses.membership }, encodeTerms(terms), signer);
    expect(outcome).toBe('JobUnknown');
    expect(await simulate(play, encodeTerms(terms), signer)).toBe('accepted');
  });

  it('need no money: what is sent to one alone is refused', async () => {
    const addresses = await readView(play.rpc, play.contract, 'modules');
    for (const address of Object.values(addresses)) {
      expect(await simulate({ ...play, contract: address as Hex }, '0x', signer, 1n)).toBe('nothing');
    }
  });
});

describe('verifyDeployment', () => {
  it('takes what deployContracts deploys', async () => {
    await verifyDeployment(play.rpc, play.contract);
    for (const name of names) {
      const key = `${name[0]!.toLowerCase()}${name.slice(1)}` as keyof typeof codeHashes;
      expect(codeHashes[key]).toBe(keccak256(compiled.get(name)!.deployedBytecode));
    }
  });

  async function deployNonet(named: readonly Hex[]): Promise<Account> {
    const parameters = encodeAbiParameters(
      named.map(() => ({ type: 'address' }) as const),
      named,
    );
    return (await deployHarness(play, compiled.get('Nonet')!, parameters)).address;
  }

  it.each(modules.map((_, i) => i))('refuses Nonet with another contract as module %i', async (wrong) => {
    const addresses = Object.values(await readView(play.rpc, play.contract, 'modules')) as Hex[];
    const contract = await deployNonet(addresses.with(wrong, addresses[(wrong + 1) % modules.length]!));
    await expect(verifyDeployment(play.rpc, contract)).rejects.toMatchObject({
      code: 'ledger.contract',
      expected: expect.stringContaining(`module ${modules[wrong]!.toLowerCase()}`),
    });
  });

  it('asks no module about modules', async () => {
    const addresses = Object.values(await readView(play.rpc, play.contract, 'modules')) as Hex[];
    const parameters = encodeAbiParameters([{ type: 'address' }], [play.contract]);
    const liar = await deployHarness(play, compiled.get('Liar')!, parameters);
    // What the liar says is true of the other contract.
    expect(Object.values((await liar.call('modules')) as object)).toEqual(addresses);
    const contract = await deployNonet([addresses[1]!, ...addresses.slice(1, -1), liar.address]);
    await expect(verifyDeployment(play.rpc, contract)).rejects.toMatchObject({ code: 'ledger.contract' });
  });

  it('refuses an account without code, and another contract', async () => {
    const stranger = createSigner(`0x${'11'.repeat(32)}`).account;
    const { proofs } = await readView(play.rpc, play.contract, 'modules');
    for (const address of [stranger, proofs]) {
      await expect(verifyDeployment(play.rpc, address)).rejects.toMatchObject({ code: 'ledger.contract' });
    }
  });
});
