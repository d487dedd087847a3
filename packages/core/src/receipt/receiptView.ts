/**
 * A receipt in plain words: the one view model that the page and the command line share, so that
 * both tell a stranger the same story (docs/specs/receipt.md §4). Pure: receipt, verdicts and
 * narrators in, words out. It restates records and verdicts and adds no claim of its own; what a
 * kind of job is about is told by its narrator.
 */
import type { Evidence } from '../records/evidence.ts';
import { countOf, type FigureView, figureViews, quantityText } from './figureText.ts';
import type {
  Exposed,
  Exposure,
  Moment,
  Narration,
  Narrators,
  Role,
  SpentBudget,
  Timeline,
  Told,
} from './narrator.ts';
import type { Receipt } from './receipt.ts';
import { isChecked, type Standing, standingOf, type VerdictView, verdictView } from './verdictView.ts';
import type { Verdict } from './verifyReceipt.ts';

/** A record as it is shown, with what its check gave. */
export interface ItemView extends Standing {
  /** 1, 2, ... as in the pieces. */
  readonly number: number;
  readonly sentence: string;
  readonly figures: readonly FigureView[];
  /** Where it comes from, if not from this run. */
  readonly source?: string;
  readonly date: string;
}

/** The strength of what a section's records say; `said to be` where it was not checked. */
export type SectionKind =
  | 'proven'
  | 'said to be proven'
  | 'attested'
  | 'said to be attested'
  | 'measured'
  | 'observed'
  | 'assumed';

/** Records of one strength. */
export interface SectionView {
  readonly kind: SectionKind;
  readonly title: string;
  readonly explanation: string;
  readonly items: readonly ItemView[];
}

/** An assumption: whom one trusts, for what, and what would break it. */
export interface TrustView {
  readonly whom: string;
  readonly sentence: string;
  readonly breaks: string;
}

/** A role, who acted in it, and in which other roles the same accounts acted. */
export interface RoleView extends Role {
  /** `2 of them also took part`. */
  readonly also: readonly string[];
}

/** Who acted, and who of them could be one and the same. */
export interface IdentityView {
  readonly roles: readonly RoleView[];
  readonly sentences: readonly string[];
}

/** A receipt as pages and terminals show it. */
export interface ReceiptView extends VerdictView {
  readonly title: string;
  /** Whose word the title is, where no ledger confirmed it: to be shown beside it. */
  readonly byline?: string;
  /** A few sentences: what was run, with whom, what came out, and who says so. */
  readonly summary: readonly string[];
  readonly facts: readonly { readonly label: string; readonly text: string }[];
  readonly timeline?: Timeline<Moment & Standing>;
  /** Records that the timeline does not tell, by kind. `proven` is present even if empty. */
  readonly sections: readonly SectionView[];
  /** Whom one still has to trust, and what would break it. */
  readonly trust: readonly TrustView[];
  /** Undefined where the receipt does not carry the record of who acted. */
  readonly identities?: IdentityView;
  /** Who could read what, where the kind of job says it. */
  readonly exposure?: {
    readonly sentence: string;
    readonly rows: readonly Exposed[];
    readonly budgets: readonly SpentBudget[];
  };
}

/** Call it with no verdicts before anything was checked. */
export function receiptView(
  receipt: Receipt,
  verdicts: readonly Verdict[],
  narrators: Narrators,
): ReceiptView {
  const byNumber = verdictsByNumber(verdicts);
  const items = receipt.evidence.map((record, i) => itemView(record, i + 1, byNumber.get(i + 1)));
  const narration = (narrators[receipt.job.kind] ?? narrateRecords)(receipt);
  const { timeline, roles, exposure } = narration;
  return {
    ...titleOf(narration.title, items),
    summary: narration.summary.map((told) => sentenceOf(told, items)),
    facts: factsOf(receipt),
    ...(timeline === undefined ? {} : { timeline: withStandings(timeline, items) }),
    sections: sectionViews(receipt, items, timeline),
    trust: trustViews(receipt, items, verdicts),
    ...(roles === undefined ? {} : { identities: identityView(receipt, roles) }),
    ...(exposure === undefined ? {} : { exposure: exposureView(exposure, items) }),
    ...verdictView(verdicts),
  };
}

function exposureView({ summary, rows, budgets = [] }: Exposure, items: readonly ItemView[]) {
  return { sentence: sentenceOf(summary, items), rows, budgets };
}

/** Each record's own verdict, or the failure of its bytes. */
function verdictsByNumber(verdicts: readonly Verdict[]): Map<number, Verdict> {
  const byNumber = new Map<number, Verdict>();
  for (const verdict of verdicts) {
    const { piece } = verdict;
    if (piece.kind === 'record' && verdict.status === 'failed') byNumber.set(piece.number, verdict);
    if (piece.kind === 'statement' && byNumber.get(piece.number)?.status !== 'failed') {
      byNumber.set(piece.number, verdict);
    }
  }
  return byNumber;
}

function itemView(record: Evidence, number: number, verdict: Verdict | undefined): ItemView {
  const { origin } = record;
  return {
    number,
    sentence: record.sentence,
    figures: figureViews(record.figures),
    ...(origin.type === 'source' ? { source: `${origin.source} (${origin.pin})` } : {}),
    date: dateText(record.date),
    ...standingOf(verdict),
  };
}

function dateText(date: string): string {
  return new Date(date)
    .toISOString()
    .replace('T', ' ')
    .replace(/:\d\d\.\d+Z$/, ' UTC');
}

// Narration

/** What is told of a kind of job that no narrator knows. */
function narrateRecords({ job }: Receipt): Narration {
  return {
    title: { text: `a job of kind ${job.kind}: “${job.name}”`, from: [] },
    summary: [
      {
        text: `This program has no words of its own for jobs of kind ${job.kind}; what was recorded of it is listed below.`,
        from: [],
      },
    ],
  };
}

/** Whose word a sentence is. */
type Voucher = 'checked' | 'runner’s record' | 'receipt';

function voucherOf({ from, ofLedger }: Told, items: readonly ItemView[]): Voucher {
  // A narrator that names no such record is not to be believed.
  const statuses = from.map((number) => items[number - 1]?.status ?? 'only stated');
  if (!statuses.every(isChecked)) return 'receipt';
  const confirmed = ofLedger !== true || statuses.every((status) => status === 'checked against');
  return confirmed ? 'checked' : 'runner’s record';
}

function titleOf(told: Told, items: readonly ItemView[]): Pick<ReceiptView, 'title' | 'byline'> {
  const { text } = told;
  const title = text.charAt(0).toUpperCase() + text.slice(1);
  switch (voucherOf(told, items)) {
    case 'checked':
      return { title };
    case 'runner’s record':
      return { title, byline: 'by the runner’s record of the ledger' };
    case 'receipt':
      return { title: `The receipt says: ${text}` };
  }
}

function sentenceOf(told: Told, items: readonly ItemView[]): string {
  if (told.from.length === 0) return told.text;
  switch (voucherOf(told, items)) {
    case 'checked':
      return `${told.text} That was checked just now.`;
    case 'runner’s record':
      return `${told.text} That was checked just now, by the runner’s record of a ledger that was not asked.`;
    case 'receipt':
      return `${told.text} That is what the runner says; it was not checked here.`;
  }
}

function withStandings(timeline: Timeline, items: readonly ItemView[]): Timeline<Moment & Standing> {
  return {
    ...timeline,
    moments: timeline.moments.map((moment) => {
      const { status, words, detail } = items[moment.number - 1] ?? standingOf(undefined);
      return { ...moment, status, words, ...(detail === undefined ? {} : { detail }) };
    }),
  };
}

function factsOf(receipt: Receipt): { label: string; text: string }[] {
  const { anchor, evidence, job } = receipt;
  const dates = evidence.flatMap(({ date, origin }) => (origin.type === 'run' ? dateText(date) : [])).sort();
  const [first, last] = [dates[0], dates.at(-1)];
  const origins = evidence.flatMap(({ origin }) => (origin.type === 'run' ? [origin] : []));
  const distinct = (values: readonly string[]) => [...new Set(values)].join('; ');
  const fact = (label: string, text: string) => (text === '' ? [] : [{ label, text }]);
  return [
    ...fact('Job', job.name),
    ...fact('Run', receipt.run),
    ...fact('When', first === last ? (first ?? '') : `${first} to ${last}`),
    ...fact('Run by', job.creator),
    ...fact('On', distinct(origins.map(({ machine }) => machine))),
    ...fact('Program version', distinct(origins.map(({ commit }) => commit))),
    ...fact('Fingerprint of this receipt', receipt.root),
    ...fact(
      'Recorded on a ledger',
      anchor === undefined
        ? 'no'
        : `chain ${anchor.chainId}, block ${anchor.block}, ${dateText(new Date(anchor.at * 1000).toISOString())}; transaction ${anchor.transaction}; it cost ${quantityText(anchor.gas, 'gas')}`,
    ),
  ];
}

// By kind

const sectionTexts: Readonly<Record<SectionKind, readonly [title: string, explanation: string]>> = {
  proven: ['Proven', 'A mathematical proof was checked. Its maker does not have to be trusted.'],
  'said to be proven': [
    'Said to be proven',
    'A proof is mentioned, but it was not checked here. Until it is, this is only a statement.',
  ],
  attested: [
    'Attested',
    'Hardware vouches for how it was run, and what it signed was checked. Its manufacturer has to be trusted.',
  ],
  'said to be attested': [
    'Said to be attested',
    'A statement of hardware is mentioned, but it was not checked here. Until it is, this is only a statement.',
  ],
  measured: ['Measured', 'Numbers taken while it ran. Those marked as checked were computed again just now.'],
  observed: ['Observed', 'What the run, or the source of another party, showed.'],
  assumed: ['Assumed', 'No check can show these. The results rest on them.'],
};

function sectionOf(record: Evidence, { status }: Standing): SectionKind {
  switch (record.kind) {
    case 'proof':
      return isChecked(status) ? 'proven' : 'said to be proven';
    case 'attestation':
      return isChecked(status) ? 'attested' : 'said to be attested';
    case 'measurement':
      return 'measured';
    case 'observation':
      return 'observed';
    case 'assumption':
      return 'assumed';
  }
}

function sectionViews(
  receipt: Receipt,
  items: readonly ItemView[],
  timeline: Timeline | undefined,
): SectionView[] {
  const told = new Set(timeline?.moments.map(({ number }) => number));
  /** What is only measured or observed is told once. */
  const isTold = (kind: SectionKind, number: number) =>
    told.has(number) && (kind === 'measured' || kind === 'observed');
  return (Object.keys(sectionTexts) as SectionKind[]).flatMap((kind) => {
    const [title, explanation] = sectionTexts[kind];
    const inside = items.filter(
      (item, i) => sectionOf(receipt.evidence[i]!, item) === kind && !isTold(kind, item.number),
    );
    if (inside.length === 0 && kind !== 'proven') return [];
    return [
      {
        kind,
        title,
        explanation: inside.length === 0 ? 'Nothing in this receipt was proven mathematically.' : explanation,
        items: inside,
      },
    ];
  });
}

// Whom one still has to trust

function trustViews(
  { evidence, anchor, job }: Receipt,
  items: readonly ItemView[],
  verdicts: readonly Verdict[],
): TrustView[] {
  const assumptions = evidence.flatMap((record) =>
    record.kind === 'assumption'
      ? [{ whom: record.whom, sentence: record.sentence, breaks: record.breaks }]
      : [],
  );
  const unchecked = items.filter(
    ({ status }, i) => evidence[i]!.kind !== 'assumption' && !isChecked(status),
  ).length;
  const runner = `The runner of the job (${job.creator.slice(0, 8)}…)`;
  return [
    ...assumptions,
    ...(unchecked === 0
      ? []
      : [
          {
            whom: runner,
            sentence: `${countOf(unchecked, 'statement')} of this receipt ${unchecked === 1 ? 'was' : 'were'} not checked here.`,
            breaks: 'The runner states something that did not happen.',
          },
        ]),
    ...anchorTrust(anchor, runner, verdicts),
    {
      whom: 'Standard cryptography',
      sentence: 'Fingerprints are SHA-256, signatures are secp256k1.',
      breaks: 'A way is found to forge either. None is known.',
    },
  ];
}

/** Nothing is left to trust only where a ledger was asked that the runner does not operate. */
function anchorTrust(anchor: Receipt['anchor'], runner: string, verdicts: readonly Verdict[]): TrustView[] {
  const verdict = verdicts.find(({ piece }) => piece.kind === 'anchor');
  if (verdict?.status === 'checked against') {
    if (verdict.ledger.operator === 'other') return [];
    return [
      {
        whom: runner,
        sentence: 'The runner also operates the ledger on which this receipt is recorded.',
        breaks: 'It records a second receipt for the same run, or an invented time.',
      },
    ];
  }
  if (anchor === undefined) {
    return [
      {
        whom: 'The source of this file',
        sentence: 'It is neither signed nor recorded on a ledger.',
        breaks: 'Anyone could have written it, or another one for the same run.',
      },
    ];
  }
  return [
    {
      whom: runner,
      sentence:
        'No ledger was asked for its moves and the entry of this receipt; the runner may operate that ledger.',
      breaks:
        'The moves and those who made them are invented, there is no such entry, or another receipt was recorded for the same run.',
    },
  ];
}

// Who could be whom

/** Accounts are free, so that what differs in name may be one party; the receipt shows no more. */
function identityView({ job, evidence }: Receipt, told: readonly Role[]): IdentityView {
  const roles = [{ did: 'ran the job', accounts: [job.creator] }, ...told].filter(
    ({ accounts }) => accounts.length > 0,
  );
  const accounts = new Set(roles.flatMap((role) => role.accounts));
  const machines = new Set(evidence.flatMap(({ origin }) => (origin.type === 'run' ? [origin.machine] : [])));
  return {
    roles: roles.map((role) => ({
      ...role,
      also: roles.flatMap((other) => {
        const known = new Set(other.accounts);
        const shared = other === role ? 0 : role.accounts.filter((account) => known.has(account)).length;
        if (shared === 0) return [];
        return [role.accounts.length === 1 ? `also ${other.did}` : `${shared} of them also ${other.did}`];
      }),
    })),
    sentences: [
      accounts.size === 1
        ? 'One account acted in every role.'
        : `${accounts.size} accounts acted. An account costs nothing: all of them could be one party, the runner of the job, and nothing in this receipt shows otherwise.`,
      ...(machines.size === 1
        ? [`All of its own records were written on one machine, ${[...machines][0]}.`]
        : []),
    ],
  };
}
