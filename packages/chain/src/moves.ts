/**
 * Moves and terms as calldata of Nonet.sol, and back. The contract takes one encoding of a move
 * only, and its event `Moved` holds the calldata, so followers read there what the contract acted
 * on.
 */
import { type Address, concatBytes, fromHex, type Hex, MisuseError, NonetError, toHex } from '@nonet/core';
import type { Account } from '@nonet/core/identity';
import {
  type JobTerms,
  type Lie,
  type Move,
  type ShownLeaf,
  type StoreReceipt,
  type TimedPhase,
  timedPhases,
  updateRefusalCodes,
} from '@nonet/core/ports';
import { type DecodedCall, decodeCall, decodeEventData, encodeCall } from './abi.ts';

const none = `0x${'00'.repeat(32)}` as Address;

/**
 * The calldata of a move. Throws `ledger.move` for what no calldata can say: negative numbers,
 * malformed addresses, signatures of another length than 65 bytes.
 */
export function encodeMove(job: Address, move: Move): Hex {
  return encodeChecked('ledger.move', 'a move of natural numbers and well-formed addresses', () =>
    callOf(job, move),
  );
}

/**
 * The calldata of moves in one transaction: one move as it is, several in a `multicall`. Throws
 * `ledger.move` as `encodeMove` does.
 */
export function encodeMoves(job: Address, moves: readonly Move[]): Hex {
  const calls = moves.map((move) => encodeMove(job, move));
  return calls.length === 1 ? calls[0]! : encodeCall('multicall', [calls]);
}

function encodeChecked(code: string, expected: string, encode: () => Hex): Hex {
  try {
    return encode();
  } catch (cause) {
    const { shortMessage, found } = cause as { shortMessage?: string; found?: string };
    throw new MisuseError({ code, expected, found: shortMessage ?? found ?? String(cause), cause });
  }
}

function callOf(job: Address, move: Move): Hex {
  const round = 'round' in move ? BigInt(move.round) : 0n;
  switch (move.type) {
    case 'stake':
    case 'join':
    case 'end':
      return encodeCall(move.type, [job]);
    case 'leave':
      return encodeCall('leaveJob', [job]);
    case 'admit':
      return encodeCall('admit', [job, move.accounts]);
    case 'open':
      return encodeCall('open', [job, round, move.model]);
    case 'announce':
      return encodeCall('announce', [job, move.mask, move.seal]);
    case 'register':
      return encodeCall('register', [job, round, move.blob, move.receipts.map(packReceipt)]);
    case 'complain':
      return encodeCall('complain', [job, round, move.accused.map(BigInt)]);
    case 'reveal':
      return encodeCall('reveal', [job, round, move.blob, move.receipts.map(packReceipt)]);
    case 'commit':
      return encodeCall('commit', [job, round, move.blob, BigInt(move.weight)]);
    case 'close':
      return encodeCall('close', [job, round, BigInt(move.committed), move.unavailable.map(BigInt)]);
    case 'appeal':
      return encodeCall('appeal', [job, round, move.receipts.map(packReceipt)]);
    case 'step': {
      const refused = move.refused.map(({ participant, reason, entry }) => ({
        participant: BigInt(participant),
        reason: updateRefusalCodes.indexOf(reason),
        entry: BigInt(entry),
      }));
      const receipts = move.receipts.map(packReceipt);
      return encodeCall('step', [job, round, move.model, move.partials ?? none, refused, receipts]);
    }
    case 'demand':
      return encodeCall('demand', [job, round, BigInt(move.participant)]);
    case 'answer':
      return encodeCall('answer', [job, round, BigInt(move.participant), move.receipts.map(packReceipt)]);
    case 'prove':
      return proofOf(job, round, move.lie);
    case 'object':
      return encodeCall('object', [job, round, move.model, move.refused.map(BigInt)]);
    case 'advance':
      return encodeCall('advance', [job, round]);
    case 'withdraw':
      return encodeCall('withdraw', [job, move.rounds.map(BigInt)]);
  }
}

function proofOf(job: Address, round: bigint, lie: Lie): Hex {
  switch (lie.kind) {
    case 'header':
      return encodeCall('proveHeader', [job, round, BigInt(lie.index), packLeaves([lie.start, lie.next])]);
    case 'average': {
      const shown = packLeaves([lie.start, lie.next, ...lie.terms]);
      return encodeCall('proveAverage', [job, round, BigInt(lie.entry), shown]);
    }
    case 'group': {
      const shown = packLeaves([lie.sum, ...lie.terms]);
      return encodeCall('proveGroup', [job, round, BigInt(lie.group), BigInt(lie.entry), shown]);
    }
    case 'accepted': {
      const { participant, reason, entry, shown } = lie;
      const fault = updateRefusalCodes.indexOf(reason);
      return encodeCall('proveAccepted', [
        job,
        round,
        BigInt(participant),
        fault,
        BigInt(entry),
        packLeaves([shown]),
      ]);
    }
    case 'refused':
      return encodeCall('proveRefused', [job, round, BigInt(lie.participant), packLeaves([lie.shown])]);
    case 'silence':
      return encodeCall('proveSilence', [job, round, BigInt(lie.participant)]);
  }
}

/** The job and the move of a calldata. Throws `ledger.call` for calldata that is no move's. */
export function decodeMove(call: Hex): { job: Address; move: Move } {
  try {
    const decoded = decodeCall(call);
    const move = decoded && moveOf(decoded);
    if (move !== undefined) return { job: decoded!.args[0] as Address, move };
  } catch (cause) {
    throw wrongCall(call, cause);
  }
  throw wrongCall(call);
}

function wrongCall(call: Hex, cause?: unknown): NonetError {
  return new NonetError({
    code: 'ledger.call',
    expected: 'the calldata of a move',
    found: `${call.slice(0, 74)} (${call.length / 2 - 1} bytes)`,
    cause,
  });
}

function moveOf(call: DecodedCall): Move | undefined {
  const { name, args } = call;
  switch (name) {
    case 'stake':
    case 'join':
    case 'end':
      return { type: name };
    case 'leaveJob':
      return { type: 'leave' };
    case 'admit':
      return { type: 'admit', accounts: args[1].map(accountOf) };
    case 'open':
      return { type: 'open', round: Number(args[1]), model: args[2] as Address };
    case 'announce':
      return { type: name, mask: args[1], seal: args[2] };
    case 'register':
    case 'reveal':
      return {
        type: name,
        round: Number(args[1]),
        blob: args[2] as Address,
        receipts: args[3].map(unpackReceipt),
      };
    case 'complain':
      return { type: name, round: Number(args[1]), accused: args[2].map(Number) };
    case 'commit':
      return {
        type: 'commit',
        round: Number(args[1]),
        blob: args[2] as Address,
        weight: Number(args[3]),
      };
    case 'close':
      return {
        type: 'close',
        round: Number(args[1]),
        committed: Number(args[2]),
        unavailable: args[3].map(Number),
      };
    case 'appeal':
      return { type: 'appeal', round: Number(args[1]), receipts: args[2].map(unpackReceipt) };
    case 'step': {
      const [, round, model, partials, refused, receipts] = args;
      return {
        type: 'step',
        round: Number(round),
        model: model as Address,
        refused: refused.map(({ participant, reason, entry }) => ({
          participant: Number(participant),
          reason: updateRefusalCodes[reason]!,
          entry: Number(entry),
        })),
        ...(partials === none ? {} : { partials: partials as Address }),
        receipts: receipts.map(unpackReceipt),
      };
    }
    case 'demand':
      return { type: 'demand', round: Number(args[1]), participant: Number(args[2]) };
    case 'answer':
      return {
        type: 'answer',
        round: Number(args[1]),
        participant: Number(args[2]),
        receipts: args[3].map(unpackReceipt),
      };
    case 'object':
      return {
        type: 'object',
        round: Number(args[1]),
        model: args[2] as Address,
        refused: args[3].map(Number),
      };
    case 'advance':
      return { type: 'advance', round: Number(args[1]) };
    case 'withdraw':
      return { type: 'withdraw', rounds: args[1].map(Number) };
    default: {
      const lie = lieOf(call);
      return lie && { type: 'prove', round: Number(args[1]), lie };
    }
  }
}

function lieOf({ name, args }: DecodedCall): Lie | undefined {
  switch (name) {
    case 'proveHeader': {
      const [start, next] = unpackLeaves(args[3], 2);
      return { kind: 'header', index: Number(args[2]), start: start!, next: next! };
    }
    case 'proveAverage': {
      const [start, next, ...terms] = unpackLeaves(args[3], 2);
      return { kind: 'average', entry: Number(args[2]), start: start!, next: next!, terms };
    }
    case 'proveGroup': {
      const [sum, ...terms] = unpackLeaves(args[4], 1);
      return { kind: 'group', group: Number(args[2]), entry: Number(args[3]), sum: sum!, terms };
    }
    case 'proveAccepted': {
      const [, , participant, fault, entry, shown] = args;
      return {
        kind: 'accepted',
        participant: Number(participant),
        reason: updateRefusalCodes[fault]!,
        entry: Number(entry),
        shown: unpackLeaves(shown, 1)[0]!,
      };
    }
    case 'proveRefused':
      return { kind: 'refused', participant: Number(args[2]), shown: unpackLeaves(args[3], 1)[0]! };
    case 'proveSilence':
      return { kind: 'silence', participant: Number(args[2]) };
    default:
      return undefined;
  }
}

// Receipts: the signature in its three parts, so that all are of one size.

interface PackedReceipt {
  readonly blob: Hex;
  readonly size: bigint;
  readonly store: Hex;
  readonly r: Hex;
  readonly s: Hex;
  readonly v: number;
}

function packReceipt({ blob, size, store, signature }: StoreReceipt): PackedReceipt {
  const bytes = fromHex(signature);
  if (bytes.length !== 65) throw wrongPart('a signature of 65 bytes', `${bytes.length} bytes`);
  const [r, s] = [toHex(bytes.subarray(0, 32)), toHex(bytes.subarray(32, 64))];
  return { blob, size: BigInt(size), store, r, s, v: bytes[64]! };
}

function unpackReceipt({ blob, size, store, r, s, v }: PackedReceipt): StoreReceipt {
  const signature = toHex(concatBytes(fromHex(r), fromHex(s), Uint8Array.of(v)));
  return { blob: blob as Address, size: Number(size), store: accountOf(store), signature };
}

// Shown leaves (contracts/ContentTree.sol): length u64, size u16, depth u8, leaf, path.

const headBytes = 11;

/**
 * Leaves one behind the other, each `length u64 || size u16 || depth u8 || leaf || path`,
 * big-endian.
 */
export function packLeaves(leaves: readonly ShownLeaf[]): Hex {
  return toHex(concatBytes(...leaves.map(packLeaf)));
}

function packLeaf({ length, leaf, path }: ShownLeaf): Uint8Array {
  const bytes = fromHex(leaf);
  const siblings = path.map(fromHex);
  if (!Number.isSafeInteger(length) || length < 0) throw wrongPart('a length below 2^53', `${length}`);
  if (bytes.length >= 2 ** 16) throw wrongPart('a leaf below 64 KiB', `${bytes.length} bytes`);
  if (siblings.length >= 2 ** 8 || siblings.some((sibling) => sibling.length !== 32)) {
    throw wrongPart('a path of fewer than 256 hashes', `${siblings.length}: ${path.join().slice(0, 80)}`);
  }
  const head = new DataView(new ArrayBuffer(headBytes));
  head.setBigUint64(0, BigInt(length));
  head.setUint16(8, bytes.length);
  head.setUint8(10, siblings.length);
  return concatBytes(new Uint8Array(head.buffer), bytes, ...siblings);
}

/** At least `minimum` leaves. */
function unpackLeaves(shown: Hex, minimum: number): ShownLeaf[] {
  const bytes = fromHex(shown);
  const view = new DataView(bytes.buffer);
  const leaves: ShownLeaf[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at));
    const path = at + headBytes + view.getUint16(at + 8);
    const end = path + 32 * view.getUint8(at + 10);
    if (end > bytes.length) throw wrongPart('whole leaves', `${bytes.length - at} bytes of one`);
    leaves.push({
      length,
      leaf: toHex(bytes.subarray(at + headBytes, path)),
      path: Array.from(
        { length: (end - path) / 32 },
        (_, i) => toHex(bytes.subarray(path + 32 * i, path + 32 * (i + 1))) as Address,
      ),
    });
    at = end;
  }
  if (leaves.length < minimum) throw wrongPart(`at least ${minimum} leaves`, `${leaves.length}`);
  return leaves;
}

function wrongPart(expected: string, found: string): MisuseError {
  return new MisuseError({ code: 'ledger.move', expected, found: `${found} instead of ${expected}` });
}

function accountOf(checksummed: string): Account {
  return checksummed.toLowerCase() as Account;
}

/** The calldata that creates a job; the sender becomes its creator. Throws `ledger.terms`. */
export function encodeTerms(terms: JobTerms): Hex {
  const { creator: _, phases, rule, masks, ...rest } = terms;
  return encodeChecked('ledger.terms', 'terms of well-formed addresses and numbers in their bounds', () =>
    encodeCall('create', [
      {
        ...rest,
        phases: timedPhases.map((phase) => phases[phase]) as Durations,
        entries: rule?.entries ?? 0,
        headerLeaves: rule?.headerLeaves ?? 0,
        maskEntries: masks?.entries ?? 0,
        maskThreshold: masks?.threshold ?? 0,
      },
    ]),
  );
}

type Durations = [number, number, number, number, number, number, number, number];

/** The terms in the data of the event `Created`. Throws `ledger.call` for other data. */
export function decodeTerms(data: Hex): JobTerms {
  try {
    const [creator, terms] = decodeEventData('Created', data);
    const { record, model, phases, aggregators, watchers, stores, ...others } = terms;
    const { entries, headerLeaves, maskEntries, maskThreshold, ...rest } = others;
    return {
      ...rest,
      record: record as Address,
      creator: accountOf(creator),
      model: model as Address,
      phases: Object.fromEntries(timedPhases.map((phase, i) => [phase, phases[i]!])) as Record<
        TimedPhase,
        number
      >,
      aggregators: aggregators.map(accountOf),
      watchers: watchers.map(accountOf),
      stores: stores.map(accountOf),
      ...(entries === 0 ? {} : { rule: { entries, headerLeaves } }),
      ...(maskEntries === 0 ? {} : { masks: { entries: maskEntries, threshold: maskThreshold } }),
    };
  } catch (cause) {
    throw wrongCall(data, cause);
  }
}
