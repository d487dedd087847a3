/** Known differences from ONNX Runtime, and who is right: for onnxFuzz.ts. */
import type { Invented } from './onnxFuzz.ts';

/** Where two answers part. */
interface Difference {
  readonly ours: number;
  readonly theirs: number;
}

/** What kind of difference it is, and who is right, if that is known. */
export function explain(_model: Invented, { ours, theirs }: Difference): { kind: string; right?: string } {
  const kind =
    Number.isNaN(ours) !== Number.isNaN(theirs)
      ? 'NaN'
      : Math.abs(ours - theirs) > 1e-3 * Math.abs(theirs)
        ? 'value'
        : 'accuracy';
  return { kind };
}
