/**
 * Scales: what one unit of each tensor's integers stands for (docs/specs/quantise.md §4). A tensor
 * that calibration saw below 0 has -128 to 127, any other 0 to 255; what leaves the model, or is
 * compared for a position, 16 bits.
 */
import type { TensorId } from '../graph/graph.ts';
import type { Extremes, Rows } from './calibrate.ts';
import type { Plan } from './plan.ts';
import type { Prepared } from './prepare.ts';

/** Integers q that stand for q * scale, from low to high. */
export interface IntegerScale {
  readonly scale: number;
  readonly low: number;
  readonly high: number;
}

/** The scale and the range of a tensor that is a root of the plan. */
export type Targets = (root: TensorId) => IntegerScale;

const signed = { low: -128, high: 127 };
const unsigned = { low: 0, high: 255 };
const wide = { low: -32_768, high: 32_767 };

/** Inputs that come in as they are, and hold whole numbers of a byte in all rows. */
export function wholeInputs(
  { nodes }: Prepared,
  entries: ReadonlyMap<string, TensorId>,
  rows: Rows,
): ReadonlySet<TensorId> {
  const isWhole = (name: string) =>
    rows[name].every((value) => Number.isInteger(value) && value >= -128 && value <= 255);
  const found = [...entries].filter(([name, id]) => nodes[id].kind === 'input' && isWhole(name));
  return new Set(found.map(([, id]) => id));
}

/** Roots that are computed to 16 bits: outputs, and what positions are chosen by. */
function wideRoots({ nodes, isData, outputs }: Prepared, plan: Plan): ReadonlySet<TensorId> {
  const shown = outputs.map(({ tensor }) => tensor);
  for (const node of nodes) {
    if (node.kind === 'reduce' && (node.op === 'argmax' || node.op === 'argmin'))
      shown.push(node.operands[0]);
  }
  const roots = shown.filter((id) => isData[id] && nodes[id].dtype === 'f32').map(plan.rootOf);
  return new Set(
    roots.filter(
      (root) =>
        plan.groupOf(root).length === 1 && (plan.formOf(root) !== undefined || nodes[root].kind === 'map'),
    ),
  );
}

/** Scales from what calibration saw; tensors of one group have one scale. */
export function createTargets(
  prepared: Prepared,
  plan: Plan,
  extremes: ReadonlyMap<TensorId, Extremes>,
  whole: ReadonlySet<TensorId>,
): Targets {
  const wideOnes = wideRoots(prepared, plan);
  return (root) => {
    const known = plan.groupOf(root).flatMap((member) => extremes.get(member) ?? []);
    const low = Math.min(0, ...known.map((each) => each.low).filter(Number.isFinite));
    const high = Math.max(0, ...known.map((each) => each.high).filter(Number.isFinite));
    const range = wideOnes.has(root) ? wide : low < 0 ? signed : unsigned;
    const fits = whole.has(root) && low >= range.low && high <= range.high;
    const reach = Math.max(high / range.high, low < 0 ? low / range.low : 0);
    const scale = fits ? 1 : Math.fround(reach);
    // A tensor that is 0 throughout has any scale.
    return { ...range, scale: scale > 0 ? scale : 1 };
  };
}
