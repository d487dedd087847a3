/**
 * The ladders: six attributes, each with four levels, each level with items that evidence shows to
 * be true or false. Public text, version 0.2; a new version may change verdicts, so that it says
 * so. The grades follow the level: a level is not reached by promises (see `grades.ts`). Limits:
 * the items name what can be checked from outside, not everything that matters.
 */
import type { CellId, ledgerProperties, wishes } from '@nonet/core/records';

/** One of `wishes`. */
export type Wish = (typeof wishes)[number];
/** One of `ledgerProperties`. */
export type LedgerProperty = (typeof ledgerProperties)[number];
/** What a ladder is about. */
export type Attribute = Wish | LedgerProperty;
/** A rung of a ladder; 4 is the highest. */
export type Level = 1 | 2 | 3 | 4;
/**
 * What it takes to decide an item: an afternoon's reading, a document from the project, an
 * experiment, an audit.
 */
export const efforts = ['minutes', 'hours', 'days', 'months'] as const;
/** One of `efforts`. */
export type Effort = (typeof efforts)[number];

/** A statement that a level of a ladder asks for. */
export interface LadderItem {
  readonly id: string;
  readonly attribute: Attribute;
  readonly level: Level;
  readonly text: string;
  /** What shows that it is true, as an instruction to a project that wants to show it. */
  readonly shownBy: string;
  readonly effort: Effort;
}

/** Changes with the items: verdicts are of one version. */
export const ladderVersion = '0.2';

const items = [
  // Verifiability
  {
    id: 'v1.documented',
    attribute: 'verifiability',
    level: 1,
    text: 'The mechanism is documented: who checks what, and how.',
    shownBy: 'publish a specification, a paper or a threat model',
    effort: 'days',
  },
  {
    id: 'v1.inspectable',
    attribute: 'verifiability',
    level: 1,
    text: 'Its implementation can be inspected.',
    shownBy: 'publish the source at a commit',
    effort: 'hours',
  },
  {
    id: 'v2.detectable',
    attribute: 'verifiability',
    level: 2,
    text: 'Parties other than the operator can find a wrong result.',
    shownBy: 'point to the code with which another party re-runs, samples, attests or verifies a result',
    effort: 'hours',
  },
  {
    id: 'v3.permissionless',
    attribute: 'verifiability',
    level: 3,
    text: 'Anyone can check a result, by a proof, a dispute or a reproducible attestation, without asking for leave.',
    shownBy: 'let an independent party check a result of production and publish how',
    effort: 'days',
  },
  {
    id: 'v3.audited',
    attribute: 'verifiability',
    level: 3,
    text: 'The verifier was audited in the version that is in use.',
    shownBy: 'publish the audit of the verifier and the commit that it covers',
    effort: 'months',
  },
  {
    id: 'v4.verified',
    attribute: 'verifiability',
    level: 4,
    text: 'We verified an artefact of production ourselves, for the size of model that is claimed.',
    shownBy: 'hand over a proof, key and public input of production, and verify them here',
    effort: 'days',
  },
  // Privacy
  {
    id: 'p1.kept',
    attribute: 'privacy',
    level: 1,
    text: 'Raw data stay with their owner, or are encrypted in transit and at rest.',
    shownBy: 'document where data lie and travel',
    effort: 'hours',
  },
  {
    id: 'p2.unreadable',
    attribute: 'privacy',
    level: 2,
    text: 'The operator cannot read a single input or update.',
    shownBy: 'point to the code that masks, encrypts or isolates each input from the operator',
    effort: 'hours',
  },
  {
    id: 'p2.default',
    attribute: 'privacy',
    level: 2,
    text: 'That is so by default.',
    shownBy: 'point to the default configuration',
    effort: 'minutes',
  },
  {
    id: 'p3.bound',
    attribute: 'privacy',
    level: 3,
    text: 'A bound on collusion, or an epsilon, is stated, and the parties are independent of one another.',
    shownBy: 'have the bound and the parties checked independently',
    effort: 'days',
  },
  {
    id: 'p3.audited',
    attribute: 'privacy',
    level: 3,
    text: 'The mechanism that keeps the secret was audited.',
    shownBy: 'publish the audit and the commit that it covers',
    effort: 'months',
  },
  {
    id: 'p3.blast',
    attribute: 'privacy',
    level: 3,
    text: 'One break does not reveal the past data of all parties.',
    shownBy: 'have key separation and forward secrecy checked independently',
    effort: 'days',
  },
  {
    id: 'p4.attacked',
    attribute: 'privacy',
    level: 4,
    text: 'Our own attack (inversion, membership inference, quote check) stays below the stated bound.',
    shownBy: 'run the attack here',
    effort: 'days',
  },
  // Performance
  {
    id: 'f1.figures',
    attribute: 'performance',
    level: 1,
    text: 'Figures come with their hardware and their model.',
    shownBy: 'publish the figures with hardware, model and parameters',
    effort: 'hours',
  },
  {
    id: 'f2.overhead',
    attribute: 'performance',
    level: 2,
    text: 'The overhead against the same task without the mechanism is known.',
    shownBy: 'publish the command and its output for both, at a commit',
    effort: 'days',
  },
  {
    id: 'f3.reproduced',
    attribute: 'performance',
    level: 3,
    text: 'An independent party reproduced the figures.',
    shownBy: 'have a party without an interest run the same command',
    effort: 'days',
  },
  {
    id: 'f4.ours',
    attribute: 'performance',
    level: 4,
    text: 'We reproduced them, and a machine does so regularly.',
    shownBy: 'run the command here, three times, on named hardware',
    effort: 'days',
  },
  // Security
  {
    id: 's1.tests',
    attribute: 'security',
    level: 1,
    text: 'There are tests, run on every change.',
    shownBy: 'publish the tests and the configuration that runs them',
    effort: 'hours',
  },
  {
    id: 's1.disclosure',
    attribute: 'security',
    level: 1,
    text: 'A policy says how to report a weakness.',
    shownBy: 'publish a security policy',
    effort: 'minutes',
  },
  {
    id: 's2.audited',
    attribute: 'security',
    level: 2,
    text: 'An independent audit covers some version of the claimed mechanism.',
    shownBy: 'publish the report with scope and commit',
    effort: 'months',
  },
  {
    id: 's3.current',
    attribute: 'security',
    level: 3,
    text: 'The audit covers the version in use.',
    shownBy: 'compare the audited commit with the deployed one',
    effort: 'hours',
  },
  {
    id: 's3.closed',
    attribute: 'security',
    level: 3,
    text: 'Its critical findings are closed.',
    shownBy: 'have the auditor confirm the fixes',
    effort: 'days',
  },
  {
    id: 's4.assured',
    attribute: 'security',
    level: 4,
    text: 'The key part is formally proven, or there were two audits and twelve months without an incident.',
    shownBy: 'check the proof here, or wait',
    effort: 'months',
  },
  // Scalability
  {
    id: 'c1.tens',
    attribute: 'scalability',
    level: 1,
    text: 'Tens of nodes use it.',
    shownBy: 'document a run or a deployment',
    effort: 'hours',
  },
  {
    id: 'c2.hundreds',
    attribute: 'scalability',
    level: 2,
    text: 'Hundreds of nodes, a billion parameters, or a throughput that can be read on the ledger.',
    shownBy: 'point to a pinned record: a run, a block range, a checkpoint',
    effort: 'hours',
  },
  {
    id: 'c3.thousands',
    attribute: 'scalability',
    level: 3,
    text: 'Thousands of nodes or ten billion parameters, counted by an independent party.',
    shownBy: 'have the count checked by challenge and response',
    effort: 'days',
  },
  {
    id: 'c4.curve',
    attribute: 'scalability',
    level: 4,
    text: 'We measured how it scales.',
    shownBy: 'run it here at several sizes',
    effort: 'days',
  },
  // Decentralisation
  {
    id: 'd1.operators',
    attribute: 'decentralisation',
    level: 1,
    text: 'More than one operator can run it.',
    shownBy: 'document how another operator runs it',
    effort: 'hours',
  },
  {
    id: 'd2.unstoppable',
    attribute: 'decentralisation',
    level: 2,
    text: 'No single party can stop or alter a result: keys are absent, delayed or shared.',
    shownBy: 'point to the code, or to the owner and its delay on the ledger',
    effort: 'minutes',
  },
  {
    id: 'd3.open',
    attribute: 'decentralisation',
    level: 3,
    text: 'Entry into the role that carries the trust needs no permission.',
    shownBy: 'have an independent party enter and say so',
    effort: 'days',
  },
  {
    id: 'd4.independent',
    attribute: 'decentralisation',
    level: 4,
    text: 'We measured that operators, clients and hosting are independent, and that none of them can be overridden.',
    shownBy: 'count operators, clients and hosts from the ledger and the network',
    effort: 'days',
  },
] as const satisfies readonly LadderItem[];

/** The name of an item. */
export type ItemId = (typeof items)[number]['id'];
/** All items of all ladders. */
export const ladderItems: readonly (LadderItem & { readonly id: ItemId })[] = items;

const byAttribute = new Map<Attribute, readonly (LadderItem & { readonly id: ItemId })[]>();
for (const item of ladderItems) {
  byAttribute.set(item.attribute, [...(byAttribute.get(item.attribute) ?? []), item]);
}

/** The items of one attribute, lowest level first. */
export const ladderOf = (attribute: Attribute) => byAttribute.get(attribute)!;

/** The two attributes of a cell. */
export function attributesOf(cell: CellId): readonly [Wish, LedgerProperty] {
  return cell.split('-') as [Wish, LedgerProperty];
}
