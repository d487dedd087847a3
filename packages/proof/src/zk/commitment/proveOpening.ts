/** Opening of claims on several commitments at once (docs/specs/zk.md §5). */
import { type Address, one, type Quartic, quarticSize } from '@nonet/algebra';
import type { Workspace } from '../hash/hashKernels.ts';
import type { ProofWriter } from '../proofBytes.ts';
import { type Instance, proveSumcheck } from '../sumcheck/proveSumcheck.ts';
import type { Transcript } from '../transcript.ts';
import { type Claim, type ClaimGroup, groupClaims } from './claims.ts';
import { positionLog, queries } from './layout.ts';
import { missingNodes } from './merkle.ts';
import { type Committed, nodeDigest } from './proveCommitment.ts';
import { distinctIndices, gatherRows, splitBits } from './rows.ts';

/** Writes the opening. The claims' values have been absorbed. */
export function proveOpening(
  workspace: Workspace,
  transcript: Transcript,
  writer: ProofWriter,
  commitments: readonly Committed[],
  claims: readonly Claim[],
): void {
  const { field } = workspace;
  const mark = field.mark();
  // Step 1.
  const [lambda] = transcript.elements('lambda', 1);
  const layouts = commitments.map(({ layout }) => layout);
  const groups = groupClaims(layouts, claims, lambda);
  // Step 3.
  const instances = commitments.map((committed, i) => createRowInstance(workspace, committed, groups[i]));
  const challenges = proveSumcheck(field, transcript, writer, instances, 2);
  // Step 4 and 5.
  for (const [i, { layout, matrix }] of commitments.entries()) {
    const columns = 2 ** layout.columnLog;
    const point = challenges.slice(challenges.length - layout.rowLog);
    const out = field.allocate(columns * quarticSize);
    const factors = gatherRows(workspace, layout.rows, point);
    field.kernels.combineRows(out, matrix, layout.rows.length, columns, 4 * columns, factors);
    const bytes = field.bytes(out, columns * quarticSize).slice();
    transcript.absorb(`row ${i}`, bytes);
    writer.bytes(bytes);
  }
  // Step 6.
  for (const [i, committed] of commitments.entries()) {
    const { layout, codewords, width } = committed;
    const log = positionLog(layout);
    const indices = distinctIndices(transcript.indices(`queries ${i}`, queries, log));
    for (const index of indices) writer.bytes(field.bytes(codewords + index * width, layout.rows.length * 4));
    for (const { height, index } of missingNodes(indices, log)) {
      writer.bytes(nodeDigest(workspace, committed, height, index));
    }
  }
  field.release(mark);
}

/** The sum over rows of the sum over groups of E_g G_g. */
function createRowInstance(
  workspace: Workspace,
  committed: Committed,
  groups: readonly ClaimGroup[],
): Instance {
  const { field } = workspace;
  const { layout, matrix } = committed;
  const { rowLog, columnLog, rows } = layout;
  const columns = 2 ** columnLog;
  const tables: Address[] = [];
  for (const { columnPoint, terms } of groups) {
    const weights = field.allocate(2 ** rowLog * quarticSize);
    field.bytes(weights, 2 ** rowLog * quarticSize).fill(0);
    const sums = field.allocate(2 ** rowLog * quarticSize);
    field.bytes(sums, 2 ** rowLog * quarticSize).fill(0);
    const mark = field.mark();
    for (const { weight, rowPoint } of terms) addEq(workspace, weights, rowPoint, weight);
    const dots = field.allocate(rows.length * quarticSize);
    // The block of each row that leading coordinates of 0 and 1 name; a vector of four at least.
    const { block, rest } = splitBits(columnPoint.slice(0, -2));
    const size = 2 ** (rest.length + 2);
    const factors = field.placeEq([...rest, ...columnPoint.slice(-2)], one);
    field.kernels.dotRows(dots, matrix + 4 * block * size, rows.length, size, 4 * columns, factors);
    for (const [i, row] of rows.entries()) {
      field
        .bytes(sums + row * quarticSize, quarticSize)
        .set(field.bytes(dots + i * quarticSize, quarticSize));
    }
    field.release(mark);
    tables.push(weights, sums);
  }
  return {
    variables: rowLog,
    tables,
    degree: 2,
    expression: (ring, at) =>
      groups
        .map((_, g) => ring.mul(at[2 * g], at[2 * g + 1]))
        .reduce((sum, product) => ring.add(sum, product)),
  };
}

/** Adds weight * eq(point, row); the leading coordinates that are 0 or 1 say which rows it is about. */
function addEq({ field }: Workspace, table: Address, point: readonly Quartic[], weight: Quartic): void {
  const { block, rest } = splitBits(point);
  const size = 2 ** rest.length;
  const mark = field.mark();
  const part = field.placeEq(rest, weight);
  const to = table + block * size * quarticSize;
  field.kernels.addVectors(to, to, part, size);
  field.release(mark);
}
