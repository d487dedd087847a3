/**
 * From findings to verdicts. Docs: docs/evaluation.md, whose steps are numbered here. What comes in
 * has no name, no quote and no source in it, so that nothing here can favour a project; what comes
 * out is a pure function of it and of a date. Limits: the rules judge evidence about claims; they
 * rank no project and advise nothing.
 */
import type { CellId } from '@nonet/core/records';
import { type Grade, minimumGrade, refutingGrade } from './grades.ts';
import { type HypeTest, type HypeTestId, hypeTests } from './hypeTests.ts';
import { type Attribute, attributesOf, type ItemId, type Level, ladderOf } from './ladders.ts';
import type { Subject } from './records.ts';

/**
 * A finding with the weight of its evidence; `evidence` is a position, for a reader who wants to
 * know where it came from.
 */
export interface JudgedFinding {
  readonly on: Subject;
  readonly says: boolean;
  readonly grade: Grade;
  readonly from: string;
  readonly until: string | undefined;
  /** The project itself says openly that an audit is missing: that must not rank below silence. */
  readonly admission: boolean;
  readonly evidence: number;
}

/** A claim as the evaluator gets it: without names. */
export interface JudgedClaim {
  readonly cell: CellId;
  readonly ledger: boolean;
  readonly level: Level | undefined;
  /** Whether the page of the quote is kept by its hash. */
  readonly archived: boolean;
  readonly findings: readonly JudgedFinding[];
  /** What an independent second reader decided of the evidence until a day. */
  readonly second?: { readonly date: string; readonly decided: ReadonlyMap<Subject, boolean> };
}

/**
 * How the file was reviewed: the number of reviewers, and the days on which the project was invited
 * to reply and did.
 */
export interface Review {
  readonly reviewers: number;
  readonly invited: string | undefined;
  readonly replied: string | undefined;
}

/** What evidence says of an item. */
export type Value = 'true' | 'false' | 'unknown' | 'contested';

/** The lowest and the highest level that the evidence allows. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** The value of an item, with the findings behind it. */
export interface Valuation {
  readonly value: Value;
  /**
   * Findings that decided, and findings that lost or were too weak, as positions in the claim's
   * findings.
   */
  readonly decided: readonly number[];
  readonly outweighed: readonly number[];
  /** What the findings alone would decide, where a second reader decided the contrary. */
  readonly first?: Value;
}

/** What follows from a claim's values. */
export interface SettledClaim {
  readonly wish: Interval;
  readonly property: Interval;
  /** Both attributes together, after the coupling gate and the caps. */
  readonly interval: Interval;
  readonly fatal: readonly HypeTestId[];
  readonly caps: readonly HypeTestId[];
  /** More is claimed than the evidence allows. */
  readonly overclaim: boolean;
}

/** A claim with the values of all its items. */
export interface ClaimJudgement extends SettledClaim {
  readonly values: ReadonlyMap<Subject, Valuation>;
}

/** What a project may be judged to be. */
export const verdicts = [
  'impact',
  'impact with overclaim',
  'hype',
  'not shown',
  'under review',
  'plain AI tool',
] as const;

/** From best to worst; a verdict that is withheld counts as what is withheld. */
export function rankOf({ verdict, withheld }: Pick<Decision, 'verdict' | 'withheld'>): number {
  const order: readonly Verdict[] = [
    'plain AI tool',
    'impact',
    'impact with overclaim',
    'under review',
    'not shown',
    'hype',
  ];
  return withheld.length > 0 ? order.length - 1 : order.indexOf(verdict);
}

/** One of `verdicts`. */
export type Verdict = (typeof verdicts)[number];

/** A verdict, with the rule that led to it (docs/evaluation.md). */
export interface Decision {
  readonly verdict: Verdict;
  /** The rule that decided, 1 to 6. */
  readonly rule: number;
  readonly reason: string;
  /** What a verdict of hype still lacks: the guard rails that do not hold. */
  readonly withheld: readonly string[];
}

/** The decision about a project, with its claims. */
export interface Judgement extends Decision {
  readonly claims: readonly ClaimJudgement[];
}

/** Judges claims at a date (YYYY-MM-DD). */
export function evaluateClaims(
  claims: readonly JudgedClaim[],
  review: Review,
  { asOf }: { readonly asOf: string },
): Judgement {
  const judged = claims.map((claim) => judgeClaim(claim, asOf));
  return { ...decide(claims, judged, review, asOf), claims: judged };
}

/** Steps 1 to 5 for one claim. Two readers who decide an item contrarily leave it contested. */
export function judgeClaim(claim: JudgedClaim, asOf: string): ClaimJudgement {
  const values = new Map<Subject, Valuation>();
  for (const on of subjectsOf(claim)) {
    const own = weigh(claim.findings, on, minimumFor(on), asOf);
    values.set(on, isOpposed(claim, on, own) ? { ...own, value: 'contested', first: own.value } : own);
  }
  return { values, ...settle(claim, (on) => values.get(on)?.value ?? 'unknown') };
}

/** Whether the second reader, who knew all that decided, decided the contrary. */
function isOpposed({ second, findings }: JudgedClaim, on: Subject, { value, decided }: Valuation): boolean {
  const other = second?.decided.get(on);
  if (other === undefined || value !== String(!other)) return false;
  return decided.every((at) => findings[at]!.from <= second!.date);
}

/**
 * Everything that can be found of a claim: the items of its two ladders, the hype tests, and the
 * coupling where a ledger is credited.
 */
export function subjectsOf({ cell, ledger }: Pick<JudgedClaim, 'cell' | 'ledger'>): readonly Subject[] {
  const items: readonly Subject[] = attributesOf(cell).flatMap((attribute) =>
    ladderOf(attribute).map(({ id }) => id),
  );
  return ledger ? [...items, 'coupling', ...hypeTests.map(({ id }) => id)] : items;
}

const minima = new Map<Subject, Grade>(
  (
    ['verifiability', 'privacy', 'performance', 'security', 'scalability', 'decentralisation'] as const
  ).flatMap((attribute) => ladderOf(attribute).map(({ id, level }) => [id, minimumGrade(level)] as const)),
);
const minimumFor = (on: Subject): Grade => minima.get(on) ?? refutingGrade;

/** Whether a finding speaks for the claim: an item shown, or a test of it denied. */
const supports = ({ on, says }: Pick<JudgedFinding, 'on' | 'says'>): boolean => says !== testIds.has(on);
const testIds = new Set<Subject>(hypeTests.map(({ id }) => id));

/**
 * What supports a claim counts until it expires. What speaks against it counts until newer evidence
 * says otherwise, so that waiting improves nothing.
 */
const countsAt = (finding: JudgedFinding, asOf: string): boolean =>
  finding.from <= asOf && (finding.until === undefined || finding.until > asOf || !supports(finding));

/**
 * Step 1. The value of a subject at a date. The stronger side wins if it is strong enough for what
 * it says; equal strength is contested; otherwise unknown. More evidence for it never makes a value
 * worse, and more against it never better.
 */
export function weigh(
  findings: readonly JudgedFinding[],
  on: Subject,
  minimum: Grade,
  asOf: string,
): Valuation {
  const sides = { true: { best: -1, at: [] as number[] }, false: { best: -1, at: [] as number[] } };
  const admitted: number[] = [];
  findings.forEach((finding, i) => {
    if (finding.on !== on || !countsAt(finding, asOf)) return;
    if (finding.admission) {
      admitted.push(i);
      return;
    }
    const side = finding.says ? sides.true : sides.false;
    side.best = Math.max(side.best, finding.grade);
    side.at.push(i);
  });
  const { true: pro, false: con } = sides;
  const decide = (value: Value, decided: readonly number[], outweighed: readonly number[]): Valuation => ({
    value,
    decided,
    outweighed: [...outweighed, ...admitted],
  });
  if (pro.best === con.best && pro.best > 0) return decide('contested', [], [...pro.at, ...con.at]);
  if (pro.best > con.best && pro.best >= minimum) return decide('true', pro.at, con.at);
  if (con.best > pro.best && con.best >= refutingGrade) return decide('false', con.at, pro.at);
  return decide('unknown', [], [...pro.at, ...con.at]);
}

/**
 * Step 2. From below, all items of a level must be true; from above, none may be false. Unknown
 * widens and does nothing else.
 */
export function ladderInterval(attribute: Attribute, value: (item: ItemId) => Value): Interval {
  let lo = 0;
  let hi = 4;
  let climbing = true;
  for (let level = 1; level <= 4; level++) {
    const own = ladderOf(attribute).filter((item) => item.level === level);
    if (own.some(({ id }) => value(id) === 'false')) {
      hi = level - 1;
      break;
    }
    climbing &&= own.every(({ id }) => value(id) === 'true');
    if (climbing) lo = level;
  }
  return { lo, hi };
}

const applies = (test: HypeTest, cell: CellId) => {
  const { effect } = test;
  const attribute =
    effect.type === 'fatal' ? effect.for : effect.type === 'cap' ? effect.attribute : undefined;
  return attribute === undefined || attributesOf(cell).includes(attribute as never);
};

/**
 * Steps 2 to 5: intervals, caps, the coupling gate, overclaim; from values, however they came
 * about.
 */
export function settle(
  { cell, ledger, level }: Pick<JudgedClaim, 'cell' | 'ledger' | 'level'>,
  value: (on: Subject) => Value,
): SettledClaim {
  const [wishName, propertyName] = attributesOf(cell);
  const confirmed = ledger
    ? hypeTests.filter((test) => value(test.id) === 'true' && applies(test, cell))
    : [];
  const wish = ladderInterval(wishName, value);
  const property = ladderInterval(propertyName, value);
  // Step 3. One mechanism must serve both.
  let lo = Math.min(wish.lo, property.lo);
  let hi = Math.min(wish.hi, property.hi);
  // Step 4. Caps by confirmed tests, and the coupling gate: a ledger that can be removed adds
  // nothing to the cell.
  const caps = confirmed.filter(({ effect }) => effect.type === 'cap').map(({ id }) => id);
  const coupling = value('coupling');
  if (caps.length > 0 || (ledger && coupling === 'false')) hi = Math.min(hi, 1);
  if (ledger && coupling !== 'true') lo = Math.min(lo, 1);
  lo = Math.min(lo, hi);
  // Step 5. Claimed above what is possible.
  const overclaim =
    (level !== undefined && level > hi) || confirmed.some(({ effect }) => effect.type === 'overclaim');
  return {
    wish,
    property,
    interval: { lo, hi },
    fatal: confirmed.filter(({ effect }) => effect.type === 'fatal').map(({ id }) => id),
    caps,
    overclaim,
  };
}

/** The level of a cell from which on a project has impact. */
export const reachedCellLevel = 2;

/** Days between being asked for a reply and a verdict of hype. */
export const replyDays = 14;

/** Step 6. The rules, in their order. */
export function decide(
  claims: readonly JudgedClaim[],
  judged: readonly SettledClaim[],
  review: Review,
  asOf: string,
): Decision {
  const chain = claims
    .map((claim, i) => ({ claim, judgement: judged[i]! }))
    .filter(({ claim }) => claim.ledger);
  const ruled = (rule: number, verdict: Verdict, reason: string): Decision => ({
    verdict,
    rule,
    reason,
    withheld: [],
  });
  const hype = (rule: number, reason: string, accused: typeof chain): Decision => {
    const missing = missingGuards(accused, review, asOf);
    if (missing.length === 0) return ruled(rule, 'hype', reason);
    return { verdict: 'under review', rule, reason, withheld: missing };
  };
  // Rule 1
  if (chain.length === 0) return ruled(1, 'plain AI tool', 'no claim credits a ledger');
  // Rule 2
  const fatal = chain.filter(({ judgement }) => judgement.fatal.length > 0);
  if (fatal.length > 0) {
    const tests = [...new Set(fatal.flatMap(({ judgement }) => judgement.fatal))].sort();
    return hype(2, `a claim is refuted by test ${tests.join(', ')}`, fatal);
  }
  // Rule 3
  if (chain.some(({ judgement }) => judgement.interval.lo >= reachedCellLevel)) {
    return chain.some(({ judgement }) => judgement.overclaim)
      ? ruled(
          3,
          'impact with overclaim',
          'a cell is reached at level 2 or above, and more is claimed than shown',
        )
      : ruled(3, 'impact', 'a cell is reached at level 2 or above');
  }
  // Rule 4
  if (
    chain.every(
      ({ claim, judgement }) => claim.level !== undefined && claim.level - judgement.interval.hi >= 2,
    )
  ) {
    return hype(4, 'every claimed level exceeds what the evidence allows by 2 or more', chain);
  }
  // Rule 5
  if (chain.every(({ judgement }) => judgement.interval.hi <= 1)) {
    return ruled(5, 'not shown', 'no claim can be above level 1 by the evidence');
  }
  // Rule 6
  return ruled(6, 'under review', 'the evidence decides nothing yet');
}

/** What has to hold before a claim is called hype; all of it is printed beside the verdict. */
function missingGuards(
  accused: readonly { readonly claim: JudgedClaim; readonly judgement: SettledClaim }[],
  { reviewers, invited, replied }: Review,
  asOf: string,
): string[] {
  // Only what is false by evidence of grade 2 or better (step 1) lowers an upper bound or confirms
  // a test.
  const contrary = ({ fatal, caps, interval }: SettledClaim) =>
    fatal.length > 0 || caps.length > 0 || interval.hi < 4;
  const waited = invited !== undefined && (Date.parse(asOf) - Date.parse(invited)) / 86_400_000 >= replyDays;
  const answered = replied !== undefined && replied <= asOf;
  return [
    ...(accused.every(({ claim }) => claim.archived)
      ? []
      : ['the page of the quote is not archived by its hash']),
    ...(accused.every(({ judgement }) => contrary(judgement))
      ? []
      : ['no contrary evidence of grade 2 or better']),
    ...(reviewers >= 2 ? [] : ['only one reviewer']),
    ...(waited || answered
      ? []
      : [
          invited === undefined
            ? 'the project was not asked for a reply'
            : `the ${replyDays} days for a reply have not passed`,
        ]),
  ];
}
