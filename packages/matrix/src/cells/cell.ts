/**
 * A cell as a function of workload, adversary, mechanisms and date. It takes evidence as data and
 * gives a score with its interval, the evidence, its age, and the word that follows. Without a
 * measurement there is no score: the cell says so, and shows the editor's baseline beside it.
 *
 * Nothing depends on the order in which evidence, mechanisms or claims come, nor on names.
 */
import type { CellId, Evidence, FigureVocabulary, Mechanism } from '@nonet/core/records';
import { type Cell, cells, type Stage } from './cells.ts';
import { exactly, hull, type Interval } from './interval.ts';
import { type Adversary, type MechanismProfile, profiles, type Service } from './profiles.ts';
import { attacksIn, overheadIn, partiesIn } from './readings.ts';
import {
  type Ceiling,
  capped,
  ceilingOf,
  confidenceOf,
  discounted,
  halfLifeMonths,
  monthsBetween,
  onScale,
  type ScoreParts,
  scoreOf,
  scoreParts,
  wordsOf,
} from './score.ts';
import { type Sensitivity, sensitivityOf } from './sensitivity.ts';

/** What a reader wants to do. */
export interface Workload {
  /** Left out: whatever each cell is about, training before inference. */
  readonly kind?: 'train' | 'infer' | 'count';
  /** Parameters of the model; a count has none. */
  readonly parameters?: number;
  readonly parties?: number;
}

/** A record, and the size of what it was measured on where that is known. */
export interface Recorded {
  readonly evidence: Evidence;
  readonly workload?: Workload;
  /** Known to the caller, never from the record itself: parties and ledger were independent. */
  readonly independent?: { readonly parties?: boolean; readonly ledger?: boolean };
}

/** What a project says of itself about one cell, as judged by evidence. */
export interface CellClaim {
  readonly project: string;
  /** Whether it is this project's own claim, which caps its own scores. */
  readonly own?: boolean;
  readonly cell: CellId;
  readonly quote: string;
  /** Whether the project credits a ledger; those that do without one are controls. */
  readonly ledger: boolean;
  /** Level supported by evidence, 0 to 4. */
  readonly level: Interval;
  readonly verdict: string;
}

/** What the matrix reads of a mechanism's declaration. */
export type DeclaredMechanism = Pick<
  Mechanism<unknown>,
  'id' | 'cells' | 'protects' | 'against' | 'assumptions'
>;

/** What a cell is evaluated in: for which use, against whom, on which evidence. */
export interface Situation {
  readonly workload: Workload;
  readonly adversary: Adversary;
  /** Mechanisms that this installation declares. */
  readonly mechanisms: readonly DeclaredMechanism[];
  /** What the figures of the records mean. */
  readonly vocabulary: FigureVocabulary;
  /** ISO 8601: later evidence is not seen, and ages count from here. */
  readonly date: string;
  readonly records: readonly Recorded[];
  /** What the project itself measured and ships: shown beside what this installation measured. */
  readonly shipped?: readonly Recorded[];
  readonly claims: readonly CellClaim[];
}

/** `built`: declared here. `known`: a kind that this version does not have. */
export interface MechanismState {
  readonly profile: MechanismProfile;
  readonly service: Service;
  readonly status: 'built' | 'known';
  /** Of a built one, in its own words. */
  readonly protects?: string;
  /** Whether it helps in this workload and against this adversary; if not, why. */
  readonly applies: true | string;
  /** Of an applicable one: with everything known today, whether measured here or cited. */
  readonly parts: ScoreParts;
  readonly score: Interval;
  /** From 0 to 1; undefined where nothing was measured here. */
  readonly confidence?: number;
  /** Of a measured one: the most that its score may be by what was shown. */
  readonly ceiling?: Ceiling;
  readonly evidence: readonly Evidence[];
}

/** A score that rests on measurements, with what caps it. */
export interface MeasuredScore {
  readonly score: Interval;
  readonly words: string;
  readonly by: string;
  readonly ceiling: Ceiling;
  readonly sensitivity: Sensitivity;
}

/** What is known of a cell. */
export interface CellState {
  readonly cell: Cell;
  /** What was measured here; undefined: nothing, and then there is no word either. */
  readonly measured?: MeasuredScore;
  /** What the project measured and ships, with the machine and the command that repeats it. */
  readonly shipped?: MeasuredScore & {
    readonly machine: string;
    readonly command: string;
    /** ISO 8601, of the newest record. */
    readonly date: string;
  };
  /** Newest first. Assumptions support no cell, so they are left out. */
  readonly evidence: readonly Evidence[];
  /** Months since the newest record. */
  readonly ageMonths?: number;
  readonly mechanisms: readonly MechanismState[];
  readonly claims: readonly CellClaim[];
}

const stagesOf: Readonly<Record<NonNullable<Workload['kind']>, readonly Stage[]>> = {
  train: ['collection', 'training'],
  infer: ['inference'],
  count: ['collection'],
};

/** Total order of strings by code unit, the same in every place. */
export const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Evidence of that cell that counts at that date: no assumption, not from later, not expired.
 * Newest first; ties in canonical order.
 */
function evidenceAt(records: readonly Recorded[], id: CellId, date: string): Recorded[] {
  const at = Date.parse(date);
  return records
    .filter(
      ({ evidence }) =>
        evidence.kind !== 'assumption' &&
        evidence.cells.includes(id) &&
        Date.parse(evidence.date) <= at &&
        (evidence.expires === undefined || Date.parse(evidence.expires) > at),
    )
    .toSorted(
      (a, b) =>
        Date.parse(b.evidence.date) - Date.parse(a.evidence.date) ||
        byCode(JSON.stringify(a.evidence), JSON.stringify(b.evidence)),
    );
}

/** What makes a workload large. */
const sizesOf = {
  train: ['parameters', 'parties'],
  infer: ['parameters'],
  count: ['parties'],
} as const;

/** Training where the cell is about it, else inference. */
export function naturalWorkload(id: CellId): 'train' | 'infer' {
  return cells.find((cell) => cell.id === id)!.stages.includes('training') ? 'train' : 'infer';
}

/** A quotient of sizes, at least 1; undefined where one of them is not known. */
function gapBetween(
  wanted: Workload,
  cell: CellId,
  shown: readonly Pick<Workload, 'parameters' | 'parties'>[],
): Interval | undefined {
  const largest = (of: (workload: Pick<Workload, 'parameters' | 'parties'>) => number | undefined) =>
    Math.max(0, ...shown.map((workload) => of(workload) ?? 0));
  const sizes = sizesOf[wanted.kind ?? naturalWorkload(cell)];
  const factors = sizes.flatMap((size) => {
    const target = wanted[size];
    if (target === undefined) return [];
    const reached = largest((workload) => workload[size]);
    return [reached === 0 ? undefined : Math.max(1, target / reached)];
  });
  if (factors.length === 0) return exactly(1);
  const known = factors.filter((factor) => factor !== undefined);
  if (known.length < factors.length) return undefined;
  return exactly(Math.max(...known));
}

function applicability(
  profile: MechanismProfile,
  cell: CellId,
  { workload, adversary }: Situation,
): true | string {
  const touched = stagesOf[workload.kind ?? naturalWorkload(cell)];
  if (!profile.stages.some((stage) => touched.includes(stage)))
    return `it works in ${profile.stages.join(' and ')}, which this workload does not have`;
  if (profile.against.length > 0 && !profile.against.includes(adversary))
    return `it helps against ${profile.against.join(' and ')}, not against ${adversary}`;
  return true;
}

function mechanismState(
  profile: MechanismProfile,
  service: Service,
  situation: Situation,
  records: readonly Recorded[],
): MechanismState {
  const { vocabulary } = situation;
  const declared = situation.mechanisms.find(({ id }) => id === profile.id);
  const own = records.filter(
    ({ evidence }) =>
      evidence.mechanism === profile.id || overheadIn(evidence, profile.id, vocabulary) !== undefined,
  );
  const evidence = own.map((record) => record.evidence);
  const measuredOverhead = hull(
    evidence
      .map((record) => overheadIn(record, profile.id, vocabulary))
      .filter((factor) => factor !== undefined),
  );
  const shown = own.map(({ evidence: record, workload }): Workload => {
    const parties = partiesIn(record, vocabulary) ?? workload?.parties;
    return { ...workload, ...(parties === undefined ? {} : { parties }) };
  });
  const gap = gapBetween(situation.workload, service.cell, shown);
  const base = {
    profile,
    service,
    status: declared === undefined ? ('known' as const) : ('built' as const),
    ...(declared === undefined ? {} : { protects: declared.protects }),
    applies: applicability(profile, service.cell, situation),
    evidence,
  };
  if (declared === undefined || evidence.length === 0) {
    const reach: Workload[] = profile.reach === undefined ? [] : [profile.reach];
    const parts = scoreParts(
      service.coupling,
      profile.trust,
      profile.overhead?.factor,
      gapBetween(situation.workload, service.cell, reach),
    );
    return { ...base, parts, score: scoreOf(parts) };
  }
  const ignorance = scoreOf(scoreParts(service.coupling, profile.trust, undefined, undefined));
  // Each record ages by what it says, so that a new one never makes an old one older, nor an old
  // one any newer.
  const confidenceIn = (record: Evidence, halfLife: number) =>
    record.kind === 'assumption'
      ? 0
      : confidenceOf(record.grade, monthsBetween(record.date, situation.date), halfLife);
  const ofOverhead = evidence.map((record) =>
    overheadIn(record, profile.id, vocabulary) === undefined ? 0 : confidenceIn(record, halfLifeMonths.speed),
  );
  const confidence = Math.max(
    ...evidence.map((record, i) =>
      overheadIn(record, profile.id, vocabulary) === undefined
        ? confidenceIn(record, halfLifeMonths.other)
        : ofOverhead[i]!,
    ),
  );
  const ceiling = ceilingOf(
    {
      independentParties: own.some(({ independent }) => independent?.parties === true),
      othersLedger: own.some(({ independent }) => independent?.ledger === true),
      attacks: Math.max(0, ...evidence.map((record) => attacksIn(record, profile.id))),
    },
    gap === undefined ? undefined : onScale(gap),
    ownLevel(situation, service.cell),
  );
  const known = scoreParts(service.coupling, profile.trust, measuredOverhead, gap);
  // The confidence in the overhead is that of the records which tell it, whatever else is known for
  // certain.
  const share = confidence === 0 ? 0 : Math.max(...ofOverhead) / confidence;
  const parts = { ...known, overhead: discounted(known.overhead, { low: 0, high: 1 }, share) };
  return {
    ...base,
    parts,
    confidence,
    ceiling,
    score: capped(discounted(scoreOf(parts), ignorance, confidence), ceiling),
  };
}

/** The highest level that our own claims of a cell can have; undefined where we claim nothing. */
function ownLevel({ claims }: Situation, cell: CellId): number | undefined {
  const levels = claims
    .filter((claim) => claim.own === true && claim.ledger && claim.cell === cell)
    .map(({ level }) => level.high);
  return levels.length === 0 ? undefined : Math.max(...levels);
}

/**
 * One cell. It works as well as the best of the built mechanisms that serve it here; having more of
 * them never makes it worse.
 */
export function evaluateCell(id: CellId, situation: Situation): CellState {
  const cell = cells.find((each) => each.id === id)!;
  const { records, mechanisms, measured } = measureCell(id, situation, situation.records);
  const shipped = measureCell(id, situation, situation.shipped ?? []);
  const newest = shipped.records[0]?.evidence;
  return {
    cell,
    ...(measured === undefined ? {} : { measured }),
    ...(shipped.measured === undefined || newest === undefined
      ? {}
      : {
          shipped: {
            ...shipped.measured,
            machine: newest.origin.type === 'run' ? newest.origin.machine : newest.origin.source,
            command: newest.check.how === 'command' ? newest.check.command : 'npx nonet run',
            date: newest.date,
          },
        }),
    evidence: records.map(({ evidence }) => evidence),
    ...(records.length === 0 ? {} : { ageMonths: monthsBetween(records[0]!.evidence.date, situation.date) }),
    mechanisms,
    claims: situation.claims
      .filter((claim) => claim.cell === id)
      .toSorted(
        (a, b) =>
          b.level.low - a.level.low ||
          b.level.high - a.level.high ||
          byCode(a.project, b.project) ||
          byCode(a.quote, b.quote),
      ),
  };
}

/** What these records say of a cell. */
function measureCell(id: CellId, situation: Situation, all: readonly Recorded[]) {
  const records = evidenceAt(all, id, situation.date);
  const mechanisms = profiles
    .flatMap((profile) =>
      profile.serves
        .filter((service) => service.cell === id)
        .map((service) => mechanismState(profile, service, situation, records)),
    )
    .toSorted(
      (a, b) =>
        Number(b.status === 'built') - Number(a.status === 'built') || byCode(a.profile.id, b.profile.id),
    );
  const candidates = mechanisms.filter(
    ({ applies, confidence }) => applies === true && confidence !== undefined,
  );
  const best = candidates.toSorted(
    (a, b) => b.score.low - a.score.low || b.score.high - a.score.high || byCode(a.profile.id, b.profile.id),
  )[0];
  if (best === undefined) return { records, mechanisms, measured: undefined };
  const score = { low: best.score.low, high: Math.max(...candidates.map((each) => each.score.high)) };
  const measured: MeasuredScore = {
    score,
    words: wordsOf(score),
    by: best.profile.id,
    ceiling: best.ceiling!,
    sensitivity: sensitivityOf(best.parts, best.ceiling!),
  };
  return { records, mechanisms, measured };
}
