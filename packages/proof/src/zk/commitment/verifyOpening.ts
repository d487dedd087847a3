/**
 * Verification of an opening (docs/specs/zk.md §5). Layouts, and with them every size, index and
 * depth, come from the program.
 */
import {
  type Address,
  add,
  equal,
  evaluateEq,
  mul,
  one,
  type Quartic,
  quarticSize,
  zero,
} from '@nonet/algebra';
import { equalBytes, toHex } from '@nonet/core';
import { digestSize, type Workspace } from '../hash/hashKernels.ts';
import type { ProofReader } from '../proofBytes.ts';
import { reject } from '../rejection.ts';
import { absentFactor } from '../sumcheck/roundPolynomial.ts';
import { verifySumcheck } from '../sumcheck/verifySumcheck.ts';
import type { Transcript } from '../transcript.ts';
import { type Claim, type ClaimGroup, claimTotals, groupClaims } from './claims.ts';
import { type Layout, positionLog, queries } from './layout.ts';
import { missingNodes, rootFromLeaves } from './merkle.ts';
import { distinctIndices, gatherRows, splitBits } from './rows.ts';

/** A commitment as a verifier knows it. */
export interface CommitmentRoot {
  readonly layout: Layout;
  readonly root: Uint8Array;
}

/**
 * Refuses with `opening.sumcheck` where the combined rows do not give the claimed values,
 * `opening.path` where entries are not those committed to, and `opening.codeword` where they are
 * not those of the combined row.
 */
export function verifyOpening(
  workspace: Workspace,
  transcript: Transcript,
  reader: ProofReader,
  commitments: readonly CommitmentRoot[],
  claims: readonly Claim[],
): void {
  const { field } = workspace;
  const mark = field.mark();
  // Step 1.
  const [lambda] = transcript.elements('lambda', 1);
  const layouts = commitments.map(({ layout }) => layout);
  const groups = groupClaims(layouts, claims, lambda);
  // Step 3.
  const total = claimTotals(claims, lambda).reduce(add, zero);
  const rounds = Math.max(...layouts.map(({ rowLog }) => rowLog));
  const { challenges, claim } = verifySumcheck(transcript, reader, total, rounds, 2);
  // Step 4.
  const combined: Address[] = [];
  let end = zero;
  for (const [i, layout] of layouts.entries()) {
    const columns = 2 ** layout.columnLog;
    // The codeword's room: the rest is filled in step 6.
    const row = field.allocate(4 * columns * quarticSize);
    field.words(row, 4 * columns).set(reader.words(4 * columns));
    const point = challenges.slice(rounds - layout.rowLog);
    const own = evaluateGroups(workspace, groups[i], row, point);
    end = add(end, mul(absentFactor(challenges, rounds - layout.rowLog), own));
    combined.push(row);
  }
  if (!equal(end, claim)) {
    reject('opening.sumcheck', `combined rows that give ${claim}`, `${end}`);
  }
  // Step 5.
  for (const [i, row] of combined.entries()) {
    transcript.absorb(`row ${i}`, field.bytes(row, 2 ** layouts[i].columnLog * quarticSize).slice());
  }
  // Step 6.
  for (const [i, { layout, root }] of commitments.entries()) {
    const drawn = transcript.indices(`queries ${i}`, queries, positionLog(layout));
    const indices = distinctIndices(drawn);
    const point = challenges.slice(rounds - layout.rowLog);
    verifyPositions(workspace, reader, layout, root, combined[i], point, indices);
  }
  field.release(mark);
}

/** The sum over groups of E_g(r) G_g(r). */
function evaluateGroups(
  { field }: Workspace,
  groups: readonly ClaimGroup[],
  row: Address,
  point: readonly Quartic[],
): Quartic {
  const mark = field.mark();
  let sum = zero;
  for (const { columnPoint, terms } of groups) {
    const weight = terms.map((term) => mul(term.weight, evaluateEq(term.rowPoint, point))).reduce(add, zero);
    const { block, rest } = splitBits(columnPoint);
    const size = 2 ** rest.length;
    const factors = field.placeEq(rest, one);
    const out = field.allocate(quarticSize);
    field.kernels.dotVectors(out, row + block * size * quarticSize, factors, size);
    sum = add(sum, mul(weight, field.read(out)));
    field.release(mark);
  }
  return sum;
}

function verifyPositions(
  workspace: Workspace,
  reader: ProofReader,
  layout: Layout,
  root: Uint8Array,
  codeword: Address,
  point: readonly Quartic[],
  indices: readonly number[],
): void {
  const { field, hashLeaves } = workspace;
  const count = indices.length;
  const rows = layout.rows.length;
  const log = positionLog(layout);
  const width = Math.ceil(rows / 4) * 16;
  const mark = field.mark();
  const entries = field.allocate(count * width + 16);
  field.bytes(entries, count * width).fill(0);
  for (let i = 0; i < count; i++) field.words(entries + i * width, rows).set(reader.words(rows));

  const numbers = field.allocate(4 * count);
  field.words(numbers, count).set(indices);
  const leaves = field.allocate(count * digestSize);
  hashLeaves(leaves, entries, count, width, rows, numbers);
  const missing = missingNodes(indices, log);
  const hashes = missing.map(() => reader.digest());
  let next = 0;
  const found = rootFromLeaves(workspace, indices, leaves, log, () => hashes[next++]);
  if (!equalBytes(found, root)) reject('opening.path', `the root ${toHex(root)}`, toHex(found));

  const sums = field.allocate(count * quarticSize);
  const factors = gatherRows(workspace, layout.rows, point);
  field.kernels.dotRows(sums, entries, count, width / 4, width, factors);
  const roots = field.roots(log);
  field.kernels.encodeQuarter(codeword, quarticSize, log, roots);
  for (const [i, index] of indices.entries()) {
    const expected = field.read(codeword + index * quarticSize);
    const sum = field.read(sums + i * quarticSize);
    if (!equal(expected, sum)) {
      reject('opening.codeword', `${expected} at position ${index}`, `${sum}`);
    }
  }
  field.release(mark);
}
