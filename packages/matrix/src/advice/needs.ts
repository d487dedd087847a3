/**
 * What a user needs, in a user's words: what is to be computed, among whom, who distrusts whom, on
 * which machines and links, within which budget, under which rules. Needs that contradict each
 * other are refused, and both are named.
 */
import { MisuseError } from '@nonet/core';
import { parseRecord, textSchema } from '@nonet/core/records';
import { z } from 'zod';

/** Rules in plain words; the file uses these very sentences. */
export const requirements = [
  'data must not leave the site',
  'nobody may see a single update',
  'the result must not give a record away',
  'a third party must be able to check',
  'no operator may be trusted',
  'dishonest participants must not spoil the result',
  'the input must stay secret',
  'every answer must be proven',
] as const;

/** One of `requirements`. */
export type Requirement = (typeof requirements)[number];

const positive = z.number().positive().max(1e18);
/** Far beyond anything real on both sides, so that what is predicted from it stays finite. */
const rate = z.number().min(1e-6).max(1e18);
const count = z.int().positive().max(1e12);

/** What a job needs, as its file says it. */
export const needsSchema = z.strictObject({
  /**
   * train: a model on data of several; infer: answers of a model; count: a statistic over data of
   * several.
   */
  workload: z.enum(['train', 'infer', 'count']),
  model: z
    .strictObject({
      parameters: count,
      /** Answers are needed within a second. */
      realTime: z.boolean().optional(),
    })
    .optional(),
  /** How many own data, or ask and answer. */
  parties: count,
  examplesPerParty: count.optional(),
  /** Rounds, or answers. */
  rounds: z.int().positive().max(65535).optional(),
  /** Where the data lie now. */
  data: z.enum(['at their owners', 'in one place']),
  sensitivity: z.enum(['public', 'internal', 'personal']),
  distrust: z
    .array(
      z.strictObject({
        who: z.enum(['owners', 'customers', 'the public']),
        /** The operator runs servers or the model; outsiders read results and records. */
        whom: z.enum(['the operator', 'other owners', 'outsiders']),
      }),
    )
    .optional(),
  links: z
    .strictObject({
      uploadMbit: rate,
      downloadMbit: rate,
      latencyMilliseconds: z.number().nonnegative().max(1e9),
    })
    .optional(),
  hardware: z
    .strictObject({
      cores: z.int().positive().max(1e6),
      /** What one core achieves; asked of a benchmark, or left out. */
      gflopPerCore: rate.optional(),
      accelerator: z.boolean().optional(),
      attested: z.boolean().optional(),
    })
    .optional(),
  /** Share of the parties that is missing in a round. */
  dropouts: z.number().min(0).lt(1).optional(),
  budget: z.strictObject({ hours: positive.optional(), gas: positive.optional() }).optional(),
  requirements: z.array(z.enum(requirements)).optional(),
  /** For a job: the table to begin with, and the column to predict. */
  table: z.strictObject({ file: textSchema.min(1), target: textSchema.min(1) }).optional(),
});
/** A value of `needsSchema`. */
export type Needs = Readonly<z.infer<typeof needsSchema>>;

/** Throws `needs.malformed`, naming the field, and `needs.contradiction`, naming both needs. */
export function parseNeeds(value: unknown): Needs {
  const needs = parseRecord(needsSchema, value, 'needs');
  assertConsistent(needs);
  return needs;
}

/** Pairs that cannot both be had. */
function assertConsistent(needs: Needs): void {
  const asks = (requirement: Requirement) => needs.requirements?.includes(requirement) === true;
  const rule = (requirement: Requirement) => `the requirement "${requirement}"`;
  const contradictions: readonly [boolean, string, string][] = [
    [
      needs.data === 'in one place' && asks('data must not leave the site'),
      'data: in one place',
      rule('data must not leave the site'),
    ],
    [
      needs.sensitivity === 'public' && asks('nobody may see a single update'),
      'sensitivity: public',
      rule('nobody may see a single update'),
    ],
    [
      needs.sensitivity === 'public' && asks('the result must not give a record away'),
      'sensitivity: public',
      rule('the result must not give a record away'),
    ],
    [
      needs.parties < 2 && needs.distrust?.some(({ whom }) => whom === 'other owners') === true,
      `parties: ${needs.parties}`,
      'distrust of other owners',
    ],
    [
      needs.workload !== 'infer' && needs.model?.realTime === true,
      `workload: ${needs.workload}`,
      'model.realTime, which is about answers',
    ],
    [
      needs.workload === 'count' && needs.model !== undefined,
      'workload: count',
      'model, which a statistic does not have',
    ],
    [
      needs.workload !== 'infer' && asks('every answer must be proven'),
      `workload: ${needs.workload}`,
      rule('every answer must be proven'),
    ],
    [
      needs.workload !== 'infer' && asks('the input must stay secret'),
      `workload: ${needs.workload}`,
      rule('the input must stay secret'),
    ],
    [
      needs.workload === 'infer' && asks('nobody may see a single update'),
      'workload: infer',
      rule('nobody may see a single update'),
    ],
    [
      needs.workload === 'infer' && asks('dishonest participants must not spoil the result'),
      'workload: infer',
      rule('dishonest participants must not spoil the result'),
    ],
  ];
  const found = contradictions.find(([both]) => both);
  if (found !== undefined) {
    throw new MisuseError({
      code: 'needs.contradiction',
      expected: 'needs that can be had together',
      found: `${found[1]} and ${found[2]}`,
      hint: 'Give up one of the two.',
    });
  }
  if (needs.workload !== 'count' && needs.model === undefined) {
    throw new MisuseError({
      code: 'needs.malformed',
      expected: `a field model with its parameters in needs of the workload ${needs.workload}`,
      found: 'none',
    });
  }
}

/** A requirement, with where it comes from. */
export interface Demand {
  readonly requirement: Requirement;
  /** Where it comes from: `you ask for it`, or what it follows from. */
  readonly because: string;
}

/**
 * What has to hold: what is asked for, and what follows from who distrusts whom and from whose data
 * they are. Each once, in the order of `requirements`. It never shrinks when a need becomes
 * stricter: with more requirements, more distrust, more sensitive data or fewer owners.
 */
export function demandsOf(needs: Needs): Demand[] {
  const reasons = new Map<Requirement, string>();
  const add = (requirement: Requirement, because: string) => {
    if (!reasons.has(requirement)) reasons.set(requirement, because);
  };
  for (const requirement of needs.requirements ?? []) add(requirement, 'you ask for it');
  for (const distrust of needs.distrust ?? []) addFromDistrust(needs, distrust, add);
  addFromData(needs, add);
  return requirements.flatMap((requirement) => {
    const because = reasons.get(requirement);
    return because === undefined ? [] : [{ requirement, because }];
  });
}

type Add = (requirement: Requirement, because: string) => void;

function addFromDistrust(
  { sensitivity, workload, data }: Needs,
  { who, whom }: NonNullable<Needs['distrust']>[number],
  add: Add,
): void {
  const because = `${who} ${who === 'the public' ? 'distrusts' : 'distrust'} ${whom}`;
  const personal = sensitivity === 'personal';
  if (whom === 'the operator') {
    add('no operator may be trusted', because);
    if (who !== 'owners') add('a third party must be able to check', because);
    else if (workload === 'infer') {
      if (sensitivity !== 'public') add('the input must stay secret', because);
    } else {
      if (data === 'at their owners') add('data must not leave the site', because);
      if (personal) add('nobody may see a single update', `${because}, and the data are personal`);
    }
  }
  if (whom === 'other owners' && workload === 'train') {
    add('dishonest participants must not spoil the result', because);
  }
  // An answer goes to the party who asked; a model and a statistic go to all.
  if (whom === 'outsiders' && personal && workload !== 'infer') {
    add('the result must not give a record away', `${because}, and the data are personal`);
  }
}

/** Personal data are not pooled, and not shown in updates, unless they lie in one place already. */
function addFromData({ sensitivity, workload, data }: Needs, add: Add): void {
  if (sensitivity !== 'personal' || workload === 'infer' || data !== 'at their owners') return;
  add(
    'data must not leave the site',
    'the data are personal, and each owner would need a legal ground to hand them over',
  );
  add('nobody may see a single update', 'the data are personal, and an update can give them away');
}

/** A file to begin with; it parses, and asks for nothing that cannot be had. */
export const needsTemplate = `# What you need, for nonet advise. Every line can be changed; lines with a # in front may be left out.

workload: train                 # train, infer or count
model:
  parameters: 50000
  # realTime: true              # infer only: answers within a second
parties: 5                      # how many own data
examplesPerParty: 1000
rounds: 10
data: at their owners           # or: in one place
sensitivity: internal           # public, internal or personal
distrust:                       # who distrusts whom
  - { who: owners, whom: the operator }
  # - { who: owners, whom: other owners }
  # - { who: owners, whom: outsiders }
  # - { who: the public, whom: the operator }
links: { uploadMbit: 20, downloadMbit: 50, latencyMilliseconds: 30 }
hardware: { cores: 2 }          # also gflopPerCore, accelerator, attested
dropouts: 0.1                   # share of the parties that is missing in a round
budget: { hours: 2 }            # also gas
requirements:                   # rules and laws, in these words:
${requirements.map((requirement) => `  ${requirement === 'data must not leave the site' ? '' : '# '}- ${requirement}`).join('\n')}
# table: { file: patients.csv, target: diagnosis }   # for --write: what the job begins with
`;
