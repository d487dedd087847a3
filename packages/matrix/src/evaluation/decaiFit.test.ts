import { describe, expect, it } from 'vitest';
import { decaiFlags } from '../testing/projects.ts';
import { type DecaiFlags, decaiFitOf, differenceFromDecai } from './decaiFit.ts';

const none = decaiFlags(false);
const fit = (changes: Partial<DecaiFlags>) => decaiFitOf({ ...none, ...changes });

describe('the formula of DecAIHub', () => {
  it('caps each component at 3 and sums them to S', () => {
    expect(decaiFitOf(decaiFlags(true)).ai).toEqual({ low: 3, high: 3 });
    expect(fit({ OC_1: true, OC_2: true }).sum).toEqual({ low: 2, high: 2 });
  });

  it('gives 2 without a token, and takes a point for one that is replaceable', () => {
    expect(fit({ TK_0: true }).token).toEqual({ low: 2, high: 2 });
    expect(fit({ TK_1: true, TK_2: true, TK_4: true }).token).toEqual({ low: 1, high: 1 });
    expect(fit({ TK_4: true }).token).toEqual({ low: 0, high: 0 });
  });

  it('is an interval where flags are unknown', () => {
    const open = fit({ AI_1: 'unknown', TK_0: 'unknown', TK_1: true });
    expect(open.ai).toEqual({ low: 0, high: 1 });
    expect(open.token).toEqual({ low: 1, high: 2 });
    expect(open.exact).toBe(false);
    expect(fit({}).exact).toBe(true);
  });

  it('says why it differs, in another sentence for each case', () => {
    const high = decaiFitOf({ ...decaiFlags(true), TK_0: false, TK_4: false });
    const sentences = [
      differenceFromDecai(high, { verdict: 'under review' }),
      differenceFromDecai(fit({}), { verdict: 'impact' }),
      differenceFromDecai(fit({}), { verdict: 'not shown' }),
      differenceFromDecai(fit({ TK_0: true }), { verdict: 'not shown' }),
    ];
    expect(new Set(sentences).size).toBe(4);
  });
});
