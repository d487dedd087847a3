/**
 * Probes: checks that a machine decides offline, after OpenSSF Scorecard's two layers (a heuristic,
 * and what one makes of it). A probe's answer is evidence for an item, never the item: each has its
 * precision on a labelled sample (`data/probeSample.ts`), and a person decides what it shows.
 * Probes read; they never run a project's code.
 */
import type { Subject } from '../evaluation/records.ts';

/** What a probe says to its question. */
export type ProbeAnswer = 'yes' | 'no' | 'not applicable';

/** A question that a program asks of a repository or a contract. */
export interface ProbeDefinition {
  readonly id: string;
  readonly question: string;
  /** The items for or against which a person may use the answer. */
  readonly evidenceFor: readonly Subject[];
  /** Where it is known to err. */
  readonly errs: string;
}

/** The answer of a probe, with what it saw. */
export interface ProbeResult {
  readonly probe: ProbeId;
  readonly answer: ProbeAnswer;
  /** What was found, in one line. */
  readonly fact: string;
  /** Where, at most ten places. */
  readonly places: readonly Place[];
}

/** A place in a repository: a file, and a line of it. */
export interface Place {
  readonly path: string;
  readonly line?: number;
  readonly text?: string;
}

const definitions = [
  {
    id: 'tests',
    question: 'Are there tests?',
    evidenceFor: ['s1.tests'],
    errs: 'counts files by their names: it cannot tell whether they test what is claimed, or run',
  },
  {
    id: 'ci',
    question: 'Is something run on every change?',
    evidenceFor: ['s1.tests'],
    errs: 'a workflow may do anything but run tests',
  },
  {
    id: 'disclosure',
    question: 'Is there a policy for reporting weaknesses?',
    evidenceFor: ['s1.disclosure'],
    errs: 'a policy may lie in another repository or on a site',
  },
  {
    id: 'licence',
    question: 'Which licence is at the root?',
    evidenceFor: ['v1.inspectable'],
    errs: 'knows fourteen common texts; a licence may be stated elsewhere',
  },
  {
    id: 'activity',
    question: 'Was it changed in the year before the newest commit, and by how many?',
    evidenceFor: [],
    errs: 'authors are addresses: one person may have several, and robots count',
  },
  {
    id: 'contradictions',
    question: 'Does it say of itself that it is unaudited, experimental, dormant or at its end?',
    evidenceFor: ['s2.audited', 'H14'],
    errs: 'finds English phrases; the sentence may speak of a part, or of another project',
  },
  {
    id: 'administrator',
    question: 'Does the code of the contract have functions of an administrator, or is it a proxy?',
    evidenceFor: ['d2.unstoppable', 'H7'],
    errs: 'knows common names only: a setter of its own name is missed; who holds the key and with what delay is on the ledger',
  },
] as const satisfies readonly ProbeDefinition[];

/** The name of a probe. */
export type ProbeId = (typeof definitions)[number]['id'];
/** All probes. */
export const probeDefinitions: readonly (ProbeDefinition & { readonly id: ProbeId })[] = definitions;
