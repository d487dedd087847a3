/**
 * The bytecode probe: walks the code of an EVM contract, collects the selectors that its dispatcher
 * compares with, and names those of common administrators' functions; and says whether it is a
 * proxy (EIP-1967 slots, EIP-1167 clones, or any slot of its own from which all calls are
 * delegated). A selector that the code only sends to another contract is none of its own. Limits:
 * names that are not listed are missed; the code tells neither who holds a key nor with what delay.
 */
import { MisuseError } from '@nonet/core';
import type { ProbeResult } from './probe.ts';

/**
 * Functions that only an administrator calls: owners, upgrades, pauses, roles, lists. A test
 * derives the selectors from the signatures.
 */
export const administratorFunctions: Readonly<Record<string, string>> = {
  '8da5cb5b': 'owner()',
  f2fde38b: 'transferOwnership(address)',
  '715018a6': 'renounceOwnership()',
  '79ba5097': 'acceptOwnership()',
  e30c3978: 'pendingOwner()',
  '3659cfe6': 'upgradeTo(address)',
  '4f1ef286': 'upgradeToAndCall(address,bytes)',
  '99a88ec4': 'upgrade(address,address)',
  '9623609d': 'upgradeAndCall(address,address,bytes)',
  '8f283970': 'changeAdmin(address)',
  f851a440: 'admin()',
  '704b6c02': 'setAdmin(address)',
  '13af4035': 'setOwner(address)',
  '8456cb59': 'pause()',
  '3f4ba83a': 'unpause()',
  '16c38b3c': 'setPaused(bool)',
  '2f2ff15d': 'grantRole(bytes32,address)',
  d547741f: 'revokeRole(bytes32,address)',
  '40c10f19': 'mint(address,uint256)',
  e43252d7: 'addToWhitelist(address)',
  '8ab1d681': 'removeFromWhitelist(address)',
  '44337ea1': 'addToBlacklist(address)',
  f9f92be4: 'blacklist(address)',
  '7adbf973': 'setOracle(address)',
  '5437988d': 'setVerifier(address)',
  '1f931c1c': 'diamondCut((address,uint8,bytes4[])[],address,bytes)',
};

/** EIP-1967: where a proxy keeps its implementation, its administrator and its beacon. */
const slots: Readonly<Record<string, string>> = {
  '360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc': 'implementation slot (EIP-1967)',
  b53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103: 'administrator slot (EIP-1967)',
  a3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50: 'beacon slot (EIP-1967)',
};

const clone = /^363d3d373d3d3d363d(73|6[0-9a-f])/;
/** EIP-170 allows 24,576 bytes on a chain; creation code may be twice as long (EIP-3860). */
const maximumBytes = 2 * 24_576 + 65_536;

/** Reads hexadecimal text. Throws `bytecode.malformed`. */
export function parseBytecode(text: string): Uint8Array {
  const hex = text.trim().replace(/^0x/i, '').toLowerCase();
  if (hex.length === 0 || hex.length % 2 === 1 || !/^[0-9a-f]+$/.test(hex) || hex.length / 2 > maximumBytes) {
    throw new MisuseError({
      code: 'bytecode.malformed',
      expected: `the code of a contract: hexadecimal digits, at most ${maximumBytes} bytes`,
      found: hex.length === 0 ? 'nothing' : `${hex.length} characters`,
    });
  }
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

/** One operation of the code: its opcode, and what it pushes as hexadecimal digits. */
interface Operation {
  readonly opcode: number;
  readonly push: string;
}

/** The operations in order. The bytes that belong to a push are data, not code. */
export function operationsOf(code: Uint8Array): readonly Operation[] {
  const operations: Operation[] = [];
  for (let at = 0; at < code.length; at++) {
    const opcode = code[at]!;
    const length = opcode >= 0x60 && opcode <= 0x7f ? opcode - 0x5f : 0;
    // A push that the end cuts off pushes nothing that a contract could use.
    const whole = at + length < code.length;
    operations.push({
      opcode,
      push: whole
        ? Array.from(code.subarray(at + 1, at + 1 + length), (byte) =>
            byte.toString(16).padStart(2, '0'),
          ).join('')
        : '',
    });
    at += length;
  }
  return operations;
}

const [sub, eq, xor, jumpi, sload] = [0x03, 0x14, 0x18, 0x57, 0x54];
const [callDataSize, callDataCopy, delegateCall] = [0x36, 0x37, 0xf4];
const isStackMove = ({ opcode }: Operation) => opcode >= 0x80 && opcode <= 0x9f;
const isPush = ({ opcode }: Operation) => opcode >= 0x5f && opcode <= 0x7f;

/**
 * Selectors that a dispatcher compares with: a push of four bytes (compilers drop leading zeros, so
 * three may be a selector as well) that is compared and jumped on. Solidity writes EQ, or SUB where
 * it jumps on difference; Vyper XOR.
 */
export function dispatchedSelectors(operations: readonly Operation[]): ReadonlySet<string> {
  const selectors = new Set<string>();
  operations.forEach(({ push }, at) => {
    if (push.length !== 8 && push.length !== 6) return;
    const next = operations.slice(at + 1, at + 8).filter((operation) => !isStackMove(operation));
    if (next[0] === undefined || ![eq, sub, xor].includes(next[0].opcode)) return;
    if (next.slice(1, 4).some(({ opcode }) => opcode === jumpi)) selectors.add(push.padStart(8, '0'));
  });
  return selectors;
}

/**
 * Whether all calls are passed on to code whose address lies in a slot: the whole call data are
 * copied before a DELEGATECALL, with a load from storage between or shortly before. A call of a
 * library encodes arguments instead, and a fixed target loads nothing.
 */
export function delegatesFromStorage(operations: readonly Operation[]): boolean {
  return operations.some(({ opcode }, at) => {
    if (opcode !== delegateCall) return false;
    const before = operations.slice(Math.max(0, at - 40), at);
    const copy = before.findLastIndex((operation) => operation.opcode === callDataCopy);
    if (copy < 0) return false;
    const copiesAll = before
      .slice(Math.max(0, copy - 6), copy)
      .some((operation) => operation.opcode === callDataSize);
    return copiesAll && before.some((operation) => operation.opcode === sload);
  });
}

/** Probes runtime or creation code. */
export function probeBytecode(code: Uint8Array): ProbeResult {
  const operations = operationsOf(code);
  const selectors = dispatchedSelectors(operations);
  const words = new Set(operations.filter(isPush).map(({ push }) => push));
  const found = Object.entries(administratorFunctions).flatMap(([selector, name]) =>
    selectors.has(selector) ? [name] : [],
  );
  const proxy = Object.entries(slots).flatMap(([slot, name]) => (words.has(slot) ? [name] : []));
  const start = Array.from(code.subarray(0, 10), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (clone.test(start)) proxy.push('minimal proxy (EIP-1167): the code is elsewhere');
  if (proxy.length === 0 && delegatesFromStorage(operations)) {
    proxy.push('delegates all calls to an address in a slot of its own');
  }
  const all = [...found, ...proxy];
  return {
    probe: 'administrator',
    answer: all.length > 0 ? 'yes' : 'no',
    fact:
      all.length > 0
        ? `${all.join(', ')}; ${code.length} bytes, ${selectors.size} functions`
        : `no known function of an administrator, no proxy; ${code.length} bytes, ${selectors.size} functions`,
    places: [],
  };
}
