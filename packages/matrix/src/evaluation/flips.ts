/**
 * What would change the verdict: every change of a single value that does. Exact, because each one
 * is tried; cheap, because a change touches one claim. The slow twin, in the tests, overrides the
 * findings themselves and evaluates everything anew.
 */
import type { JudgedClaim, Judgement, Review, SettledClaim, Value, Verdict } from './evaluate.ts';
import { decide, settle } from './evaluate.ts';
import { hypeTests } from './hypeTests.ts';
import { type Effort, efforts, ladderItems } from './ladders.ts';
import type { Subject } from './records.ts';

export interface Flip {
  /** Position of the claim. */
  readonly claim: number;
  readonly on: Subject;
  readonly from: Value;
  readonly to: 'true' | 'false' | 'unknown';
  readonly verdict: Verdict;
  /** The verdict would be hype, were it not for guard rails that do not hold. */
  readonly withheld: boolean;
  readonly effort: Effort;
  /** What to do, for a reader who wants to know or to change it. */
  readonly todo: string;
}

const order = new Map<string, number>(efforts.map((effort, i) => [effort, i]));

/** All flips, the cheapest first; among equals, what the ladders ask before what would refute. */
export function listFlips(
  claims: readonly JudgedClaim[],
  judgement: Judgement,
  review: Review,
  { asOf }: { readonly asOf: string },
): readonly Flip[] {
  const flips: Flip[] = [];
  const changed: SettledClaim[] = [...judgement.claims];
  judgement.claims.forEach((judged, c) => {
    const values = new Map([...judged.values].map(([on, { value }]) => [on, value]));
    const value = (on: Subject): Value => values.get(on) ?? 'unknown';
    for (const [on, { value: from }] of judged.values) {
      for (const to of ['true', 'false', 'unknown'] as const) {
        // Contested counts as unknown.
        if (to === from || (to === 'unknown' && from === 'contested')) continue;
        values.set(on, to);
        changed[c] = settle(claims[c]!, value);
        const { verdict, withheld: missing } = decide(claims, changed, review, asOf);
        const withheld = missing.length > 0;
        if (verdict !== judgement.verdict || withheld !== judgement.withheld.length > 0) {
          flips.push({ claim: c, on, from, to, verdict, withheld, ...workOf(on, to) });
        }
      }
      values.set(on, from);
    }
    changed[c] = judged;
  });
  const isTest = ({ on }: Flip) => Number(tests.has(on));
  return flips.sort(
    (a, b) => order.get(a.effort)! - order.get(b.effort)! || isTest(a) - isTest(b) || a.claim - b.claim,
  );
}

const items = new Map(ladderItems.map((item) => [item.id as Subject, item]));
const tests = new Map(hypeTests.map((test) => [test.id as Subject, test]));

function workOf(on: Subject, to: 'true' | 'false' | 'unknown'): Pick<Flip, 'effort' | 'todo'> {
  const item = items.get(on);
  const test = tests.get(on);
  const effort = item?.effort ?? test?.effort ?? 'hours';
  if (to === 'unknown') return { effort: 'minutes', todo: 'it happens by itself when the evidence expires' };
  if (test !== undefined) {
    return {
      effort,
      todo: `${test.procedure}; confirmed ${to === 'true' ? 'if' : 'only if'} ${test.confirmedWhen}`,
    };
  }
  if (item === undefined) return { effort, todo: 'take the ledger away and see whether the property stays' };
  return to === 'true'
    ? { effort, todo: item.shownBy }
    : { effort, todo: `find evidence against: ${item.text}` };
}
