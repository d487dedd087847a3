/**
 * The components of DecAI Fit, the index that DecAIHub publishes (decaihub.io, "DecAI Fit Metric",
 * read on 2026-11-30): four sums of yes-or-no flags, each from 0 to 3, and their sum S from 0 to 12.
 * The page goes on to scale S to 0 to 6 and to cap it; that part is not in the copy that could be
 * read, apart from its first rule, that without AI the index is 0. So S is as far as this goes. It
 * stands beside our verdicts for comparison and decides nothing.
 */
import { z } from 'zod';

const flag = z.union([z.boolean(), z.literal('unknown')]);

/** The flags by the names of that page; `unknown` where the sources read here do not decide. */
export const decaiFlagsSchema = z.strictObject({
  AI_0: flag,
  AI_1: flag,
  AI_2: flag,
  AI_3: flag,
  AI_4: flag,
  OC_1: flag,
  OC_2: flag,
  OC_3: flag,
  TK_0: flag,
  TK_1: flag,
  TK_2: flag,
  TK_3: flag,
  TK_4: flag,
  E_AI_T1: flag,
  E_OC_T1: flag,
  E_TK_T1: flag,
});
/** A value of `decaiFlagsSchema`. */
export type DecaiFlags = Readonly<z.infer<typeof decaiFlagsSchema>>;

/** A whole number that lies between two, because some flags are not known. */
export interface DecaiRange {
  readonly low: number;
  readonly high: number;
}

/** What the published formula gives. */
export interface DecaiFit {
  readonly ai: DecaiRange;
  readonly onchain: DecaiRange;
  readonly token: DecaiRange;
  readonly evidence: DecaiRange;
  /** S, 0 to 12. */
  readonly sum: DecaiRange;
  /** Whether every flag is known. */
  readonly exact: boolean;
}

/** The source of the formula, for a link. */
export const decaiSource = 'https://decaihub.io/wiki/en/decaihub-materials/decai-fit-metric';

/**
 * Why that sum and our verdict may differ, in a sentence: the formula counts what is there (a
 * description, a contract, a use of the token); a verdict asks whether evidence supports what the
 * quoted words claim.
 */
export function differenceFromDecai(fit: DecaiFit, { verdict }: { readonly verdict: string }): string {
  const middle = (fit.sum.low + fit.sum.high) / 2;
  const high = middle >= 8;
  const good = verdict.startsWith('impact');
  if (high && !good) {
    return 'It counts that AI, contracts and uses of the token exist and are documented; here a claim needs evidence at its level, and an audit for what it covers.';
  }
  if (!high && good) {
    return 'It takes points for a token with several uses; here a token counts for nothing, and a claim without one can be shown.';
  }
  if (fit.token.high <= 1 || verdict === 'plain AI tool') {
    return 'It asks what a token is for; here only claims that credit a ledger are judged, token or not.';
  }
  return 'Both are cautious here: it for what is missing, this one for what is not shown.';
}

const clampTo3 = (value: number) => Math.min(3, Math.max(0, value));

/** Computes the components, as intervals where flags are unknown. */
export function decaiFitOf(flags: DecaiFlags): DecaiFit {
  const sum = (...values: readonly DecaiFlags[keyof DecaiFlags][]): DecaiRange => ({
    low: values.filter((value) => value === true).length,
    high: values.filter((value) => value !== false).length,
  });
  const clamped = ({ low, high }: DecaiRange): DecaiRange => ({ low: clampTo3(low), high: clampTo3(high) });
  const useful = sum(flags.TK_1, flags.TK_2, flags.TK_3);
  const replaceable = sum(flags.TK_4);
  const withToken = clamped({ low: useful.low - replaceable.high, high: useful.high - replaceable.low });
  const token =
    flags.TK_0 === true
      ? { low: 2, high: 2 }
      : flags.TK_0 === false
        ? withToken
        : { low: Math.min(2, withToken.low), high: Math.max(2, withToken.high) };
  const ai = clamped(sum(flags.AI_0, flags.AI_1, flags.AI_2, flags.AI_3, flags.AI_4));
  const onchain = clamped(sum(flags.OC_1, flags.OC_2, flags.OC_3));
  const evidence = clamped(sum(flags.E_AI_T1, flags.E_OC_T1, flags.E_TK_T1));
  const parts = [ai, onchain, token, evidence];
  const total = (of: (range: DecaiRange) => number) => parts.reduce((all, range) => all + of(range), 0);
  return {
    ai,
    onchain,
    token,
    evidence,
    sum: { low: total(({ low }) => low), high: total(({ high }) => high) },
    exact: Object.values(flags).every((value) => value !== 'unknown'),
  };
}
