/** Models on a ledger: registering one, and who registered it when. */
import { connectLedger } from '@nonet/chain';
import { type Address, MisuseError } from '@nonet/core';
import { type Account, createSigner } from '@nonet/core/identity';
import type { AnchorPosition, ModelRegistration } from '@nonet/core/ports';
import { readKeyFile } from '../files/keyFile.ts';

/** Which ledger: a node, and the contract of Nonet there. */
export interface LedgerChoice {
  readonly ledger?: string | undefined;
  readonly contract?: Account | undefined;
}

/** Who pays for a registration. */
export interface RegisterChoice extends LedgerChoice {
  readonly register?: true | undefined;
  readonly key?: string | undefined;
}

/** What a model is registered with, once there is a registration. */
export type Register = (modelId: Address, registration: Address) => Promise<AnchorPosition>;

/**
 * Connects to the ledger that a model is to be registered on, before any work is done; undefined
 * where none is. Throws `prove.ledger`, `prove.key`, and what connecting throws.
 */
export async function openRegister(options: RegisterChoice): Promise<Register | undefined> {
  const { register, ledger: url, contract, key } = options;
  const given = [url, contract, key].some((option) => option !== undefined);
  if (register === undefined && !given) return undefined;
  if (register === undefined || url === undefined || contract === undefined || key === undefined) {
    throw new MisuseError({
      code: 'prove.ledger',
      expected: '--register, --ledger URL, --contract ADDRESS and --key FILE together',
      found: describeGiven({ register, ledger: url, contract, key }),
      hint: 'The key pays for one transaction on that ledger.',
    });
  }
  const by = createSigner(readKeyFile(key, 'prove.key'));
  const ledger = await connectLedger({ url, contract, operator: 'other' });
  return (modelId, registration) => ledger.models.register(modelId, registration, by);
}

/** Throws `verify.ledger`, and what connecting and reading throw. */
export async function findRegistrations(
  modelId: Address,
  { ledger: url, contract }: LedgerChoice,
): Promise<readonly ModelRegistration[] | undefined> {
  if (url === undefined && contract === undefined) return undefined;
  if (url === undefined || contract === undefined) {
    throw new MisuseError({
      code: 'verify.ledger',
      expected: '--ledger URL and --contract ADDRESS together',
      found: `only ${describeGiven({ ledger: url, contract })}`,
      hint: 'A proof does not say on which contract its model was registered.',
    });
  }
  const ledger = await connectLedger({ url, contract, operator: 'other' });
  return ledger.models.find(modelId);
}

function describeGiven(options: Readonly<Record<string, unknown>>): string {
  const given = Object.keys(options).filter((name) => options[name] !== undefined);
  return given.map((name) => `--${name}`).join(' and ');
}
