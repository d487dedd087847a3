/** `nonet probe THING`: one offline check of a repository, of a contract's bytecode, or of a receipt. What it finds is evidence for an item, never the item. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { MisuseError } from '@nonet/core';
import { receiptSchema } from '@nonet/core/receipt';
import {
  type ProbePrecision,
  type ProbeResult,
  parseBytecode,
  precisionOf,
  probeBytecode,
  probeDefinitions,
  probeRepository,
} from '@nonet/matrix/probes';
import { probeSample } from '@nonet/matrix/projects';
import { bold, dim, formatTable, print } from '../../terminal/terminal.ts';
import { verifyCommand } from '../verify/verify.ts';
import { openSnapshot } from './gitSnapshot.ts';

/** Returns the exit code: that of `nonet verify` for a receipt, otherwise 0: a probe judges nothing. */
export async function probeCommand(
  thing: string | undefined,
  { json }: { readonly json: boolean },
): Promise<number> {
  if (thing === undefined) {
    const precision = precisionOf(probeSample);
    print(json ? toJson({ probes: probeDefinitions, precision }) : renderPrecision(precision));
    return 0;
  }
  if (!existsSync(thing)) {
    throw new MisuseError({
      code: 'probe.missing',
      expected: 'a git repository, a file with the code of a contract, or a receipt',
      found: `nothing at ${thing}`,
    });
  }
  if (statSync(thing).isDirectory()) {
    const snapshot = openSnapshot(thing);
    const { commit, committed } = snapshot;
    report({ thing, commit, committed }, probeRepository(snapshot), json);
    return 0;
  }
  if (!statSync(thing).isFile()) throw unknownThing(thing, 'neither a file nor a folder');
  if (statSync(thing).size > maximumBytes) throw unknownThing(thing, `${statSync(thing).size} bytes`);
  const text = readFileSync(thing, 'utf8');
  if (/^\s*(0x)?[0-9a-f\s]+$/i.test(text)) {
    report({ thing }, [probeBytecode(parseBytecode(text))], json);
    return 0;
  }
  if (isReceipt(text)) return verifyCommand(thing, { json });
  throw unknownThing(thing, 'something else');
}

/** Receipts may have that many bytes (`nonet verify`). */
const maximumBytes = 64 * 2 ** 20;

const unknownThing = (thing: string, found: string) =>
  new MisuseError({
    code: 'probe.format',
    expected: `a git repository, the code of a contract in hexadecimal, or a receipt at ${thing}`,
    found,
    hint: 'There is no format for proofs yet in this version.',
  });

function isReceipt(text: string): boolean {
  try {
    const fields = Object.keys(Object(JSON.parse(text)));
    return Object.keys(receiptSchema.shape).filter((field) => fields.includes(field)).length >= 4;
  } catch {
    return false;
  }
}

const toJson = (value: unknown) => JSON.stringify(value, null, 2);

function report(
  subject: { readonly thing: string; readonly commit?: string; readonly committed?: string },
  results: readonly ProbeResult[],
  json: boolean,
): void {
  const precision = precisionOf(probeSample);
  const described = results.map((result) => {
    const { question, evidenceFor, errs } = probeDefinitions.find(({ id }) => id === result.probe)!;
    return {
      ...result,
      question,
      evidenceFor,
      errs,
      precision: precision.find(({ probe }) => probe === result.probe),
    };
  });
  if (json) {
    print(toJson({ ...subject, results: described }));
    return;
  }
  print(
    [
      `${bold(subject.thing)}${subject.commit === undefined ? '' : ` at ${subject.commit.slice(0, 12)} of ${subject.committed}`}`,
      ...described.flatMap(({ probe, question, answer, fact, places, evidenceFor, precision: known }) => [
        '',
        `${bold(question)} ${answer} ${dim(`(${probe}${evidenceFor.length === 0 ? '' : `; evidence for ${evidenceFor.join(', ')}`})`)}`,
        `  ${fact}`,
        ...places
          .slice(0, 3)
          .filter(({ text }) => text !== undefined)
          .map(({ path, line, text }) => dim(`  ${path}:${line}: ${text}`)),
        dim(`  ${known === undefined ? 'decides nothing, so it has no precision' : precisionText(known)}`),
      ]),
      '',
      dim('A probe’s answer is evidence that a person weighs, not a verdict.'),
    ].join('\n'),
  );
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

const precisionText = ({ precision, cases }: ProbePrecision) =>
  `right in ${precision.hits} of ${precision.of} times that it said yes (95 % interval ${percent(precision.low)} to ${percent(precision.high)}; ${cases} labelled cases)`;

function renderPrecision(precision: readonly ProbePrecision[]): string {
  const share = ({ hits, of, low, high }: ProbePrecision['precision']) => [
    `${hits} of ${of}`,
    `${percent(low)} to ${percent(high)}`,
  ];
  return [
    formatTable([
      ['probe', 'cases', 'right when it says yes', '95 %', 'found of what is', '95 %'].map(dim),
      ...precision.map((each) => [
        bold(each.probe),
        String(each.cases),
        ...share(each.precision),
        ...share(each.recall),
      ]),
    ]),
    '',
    ...probeDefinitions.map(({ id, question, errs }) => `${bold(id)}: ${question} ${dim(`Errs: ${errs}.`)}`),
  ].join('\n');
}
