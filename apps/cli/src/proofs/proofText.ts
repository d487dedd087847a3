/**
 * What a proof shows, in words: each line says whether it was shown or is only stated, and what no
 * proof of this kind shows is said every time.
 */
import type { Address } from '@nonet/core';
import type { ModelRegistration } from '@nonet/core/ports';
import type { RegisteredModel, Rejection, Stated } from '@nonet/proof/zk/verify';
import { foreignText, hangText } from '../terminal/foreignText.ts';
import { bold, dim, green, plural, red } from '../terminal/terminal.ts';

/** What came of comparing a proof with what the caller named. */
export type Finding = { readonly piece: string } & (
  | { readonly equal: true }
  | ({ readonly equal: false } & Rejection)
);

/** A proof file that was accepted. */
export interface ProofSummary {
  readonly file: string;
  readonly modelId: Address;
  readonly program: RegisteredModel['program'];
  readonly bits: number;
  /** As text, or as hexadecimal digits where it is none. */
  readonly context: string;
  readonly stated: Stated;
  /** Of each row: a position, or all scores. */
  readonly answers: readonly (readonly number[])[];
  /** In the order in which they were compared. */
  readonly findings: readonly Finding[];
  readonly registrations: Registrations;
}

/** Entries of the ledger that was asked; undefined where none was. */
type Registrations = readonly ModelRegistration[] | undefined;

/** What a proof of this kind leaves open, whatever it shows. */
const notShown: readonly string[] = [
  'that the model is a good one, who made it, or from which data',
  'that it is the model of a file or of a job: quantise that one again with --model FILE --calibration FILE',
  'where the inputs are from, or that the prover alone has seen them',
  'nothing is hidden: inputs and answers are in the file, and a proof reveals parts of the weights',
];

const restsOn =
  'It rests on Keccak-256 behaving as a random oracle, and on code that has had no outside audit.';

/** Rows that are printed; all are in the document. */
const shownRows = 10;
/** Scores of a row that are printed. */
const shownScores = 12;

function answerText({ program, stated }: ProofSummary, values: readonly number[]): string {
  if (program.output === 'position') {
    const [position] = values as [number];
    const label = stated.labels[position];
    const called = label === undefined ? '' : `, which the maker of the file calls “${foreignText(label)}”`;
    return `the largest score is at position ${position}${called}`;
  }
  const { scale } = stated;
  const shown = values.slice(0, shownScores).join(', ');
  const rest = values.length > shownScores ? `, and ${values.length - shownScores} more` : '';
  const unit = scale === null ? '' : `, in units that the maker of the file says are ${scale.toPrecision(6)}`;
  return `scores ${shown}${rest}${unit}`;
}

/** Entries that are printed; all are in the document. */
const shownEntries = 5;

/** Who registered a model, when, and what that means. */
function registrationLines(modelId: Address, found: Registrations, columns: number | undefined): string[] {
  if (found === undefined) return [];
  if (found.length === 0) {
    const detail = `expected an entry for model ${modelId} on the ledger, found none (proof.unregistered)`;
    return [
      `${red('✗')} ${bold('it was registered on the ledger')} ${dim('(failed)')}`,
      `    ${hangText(detail, 4, columns)}`,
    ];
  }
  const entries = found.slice(0, shownEntries).map(({ by, at, block }) => {
    const date = new Date(1000 * at).toISOString();
    return `    ${hangText(`by account ${by}, at ${date}, in block ${block}`, 4, columns)}`;
  });
  return [
    `${green('✓')} it was registered on the ledger ${dim('(checked against the ledger)')}`,
    ...entries,
    ...(found.length > shownEntries ? [`    and ${found.length - shownEntries} more: --json`] : []),
    dim(
      `    ${hangText('any account can register any model: look for the one that you expect', 4, columns)}`,
    ),
  ];
}

/** Of an accepted proof, for a terminal of so many columns. */
export function renderProof(summary: ProofSummary, columns: number | undefined): string {
  const { file, modelId, program, bits, context, answers, findings } = summary;
  const [count] = [answers.length];
  const { low, high, shape } = program.input;
  const width = shape.reduce((product, extent) => product * extent, 1);
  const hang = (text: string) => hangText(text, 4, columns);
  const failed = findings.filter(({ equal }) => !equal);
  const rows = answers
    .slice(0, shownRows)
    .map((values, i) => `    ${hang(`row ${i + 1}: ${answerText(summary, values)}`)}`);
  return [
    `${green('✓')} Shown by the proof, with ${bits.toFixed(1)} bits ${dim('(checked here)')}`,
    `    ${hang(`model ${modelId}`)}`,
    `    ${hang(`gives in exact integer arithmetic, on ${plural(count, 'row')} of ${plural(width, 'integer')} from ${low} to ${high}, which are in the file,`)}`,
    ...rows,
    ...(count > shownRows ? [`    and ${count - shownRows} more: --json`] : []),
    `    ${hang(context === '' ? 'bound to no context: this proof could have been shown before' : `bound to the context ${context}`)}`,
    ...findings.map((finding) => {
      if (finding.equal)
        return `${green('✓')} ${hangText(finding.piece, 2, columns)} ${dim('(checked here)')}`;
      const detail = `expected ${foreignText(finding.expected)}, found ${foreignText(finding.found)} (${finding.code})`;
      return `${red('✗')} ${bold(hangText(finding.piece, 2, columns))} ${dim('(failed)')}\n    ${hang(detail)}`;
    }),
    ...registrationLines(modelId, summary.registrations, columns),
    dim('· Not shown'),
    ...notShown.map((text) => dim(`    ${hang(text)}`)),
    '',
    file,
    failed.length === 0 && summary.registrations?.length !== 0
      ? `${green('✓')} ${bold('The proof holds')}\n  ${hangText(restsOn, 2, columns)}`
      : `${red('✗')} ${bold('The proof holds, but not of what you asked for')}`,
  ].join('\n');
}

/** The same as a document. */
export function describeProof(summary: ProofSummary): Readonly<Record<string, unknown>> {
  const { file, modelId, program, bits, context, stated, answers, findings } = summary;
  return {
    file,
    kind: 'proof',
    modelId,
    bits,
    context,
    answers: answers.map((values) =>
      program.output === 'position'
        ? { position: values[0], statedLabel: stated.labels[values[0]!] ?? null }
        : { scores: values, statedScale: stated.scale },
    ),
    findings,
    ...(summary.registrations === undefined ? {} : { registrations: summary.registrations }),
    notShown,
  };
}

/** A registration that was accepted. */
export interface RegistrationSummary {
  readonly file: string;
  readonly modelId: Address;
  readonly program: RegisteredModel['program'];
  readonly bits: number;
  readonly registrations: Registrations;
}

/** Of an accepted registration. */
export function renderRegistration(
  { file, modelId, program, bits, registrations }: RegistrationSummary,
  columns: number | undefined,
): string {
  const hang = (text: string) => hangText(text, 4, columns);
  return [
    `${green('✓')} Shown by the registration, with ${bits.toFixed(1)} bits ${dim('(checked here)')}`,
    `    ${hang(`model ${modelId}`)}`,
    `    ${hang(`is a program of ${plural(program.layers.length, 'layer')} whose weights are committed to and in their ranges; it proves up to ${plural(program.maximumBatch, 'answer')} at a time`)}`,
    ...registrationLines(modelId, registrations, columns),
    '',
    file,
    registrations?.length === 0
      ? `${red('✗')} ${bold('The registration holds, but the ledger does not have it')}`
      : `${green('✓')} ${bold('The registration holds')}`,
  ].join('\n');
}

/** The same as a document. */
export function describeRegistration({
  file,
  modelId,
  program,
  bits,
  registrations,
}: RegistrationSummary): Readonly<Record<string, unknown>> {
  const found = registrations === undefined ? {} : { registrations };
  return { file, kind: 'registration', modelId, bits, maximumBatch: program.maximumBatch, program, ...found };
}

/** Of a file that was refused. */
export function renderRejection(
  file: string,
  part: string,
  { code, expected, found }: Rejection,
  columns: number | undefined,
): string {
  const detail = `expected ${foreignText(expected)}, found ${foreignText(found)} (${code})`;
  return [
    `${red('✗')} ${bold(`${part} is refused`)}`,
    `    ${hangText(detail, 4, columns)}`,
    '',
    file,
    `${red('✗')} ${bold('This file shows nothing')}`,
  ].join('\n');
}
