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

/** What calibration says of tensors that are roots of the plan. */
export interface Targets {
  /** The scale that a tensor should have, and its range. */
  scaleOf(root: TensorId): IntegerScale;
  /** Its least and largest number, and those of tensors of its group, with 0. */
  extremesOf(root: TensorId): Extremes;
}

const signed = { low: -128, high: 127 };
const unsigned = { low: 0, high: 255 };
const wide = { low: -32_768, high: 32_767 };
/** How far beyond calibration 16 bits reach: logits that are cut off could tie. */
const headroom = 2;

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

/** The extremes of all of these, with 0. */
function joinExtremes(all: readonly Extremes[]): Extremes {
  let [low, high] = [0, 0];
  for (const each of all) {
    if (Number.isFinite(each.low)) low = Math.min(low, each.low);
    if (Number.isFinite(each.high)) high = Math.max(high, each.high);
  }
  return { low, high };
}

/** Scales from what calibration saw; tensors of one group have one scale. */
export function createTargets(
  prepared: Prepared,
  plan: Plan,
  extremes: ReadonlyMap<TensorId, Extremes>,
  whole: ReadonlySet<TensorId>,
): Targets {
  const wideOnes = wideRoots(prepared, plan);
  const known = new Map<readonly TensorId[], Extremes>();
  const extremesOf = (root: TensorId): Extremes => {
    const group = plan.groupOf(root);
    const found = known.get(group) ?? joinExtremes(group.flatMap((member) => extremes.get(member) ?? []));
    known.set(group, found);
    return found;
  };
  return {
    extremesOf,
    scaleOf(root) {
      const { low, high } = extremesOf(root);
      const isWide = wideOnes.has(root);
      const range = isWide ? wide : low < 0 ? signed : unsigned;
      const isWhole = whole.has(root) && low >= range.low && high <= range.high;
      const reach = Math.max(high / range.high, low < 0 ? low / range.low : 0);
      const scale = isWhole ? 1 : Math.fround(isWide ? headroom * reach : reach);
      // A tensor that is 0 throughout has any scale.
      return { ...range, scale: scale > 0 ? scale : 1 };
    },
  };
}
