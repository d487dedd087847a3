/**
 * `nonet probe [THING]`: one offline check of a repository, of a contract's bytecode, or of a
 * receipt. What it finds is evidence for an item, never the item.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { MisuseError } from '@nonet/core';
import {
  type ProbeResult,
  parseBytecode,
  precisionOf,
  probeBytecode,
  probeDefinitions,
  probeRepository,
} from '@nonet/matrix/probes';
import { probeSample } from '@nonet/matrix/projects';
import { maximumReceiptBytes, resemblesReceipt } from '../../files/receiptFile.ts';
import { foreignValues } from '../../terminal/foreignText.ts';
import { print, printJson } from '../../terminal/terminal.ts';
import { verifyFile } from '../verify/verify.ts';
import type { ProbeOptions } from './definition.ts';
import { openSnapshot } from './gitSnapshot.ts';
import { type DescribedResult, type ProbedSubject, renderPrecision, renderResults } from './probeText.ts';

/**
 * Returns the exit code: that of `nonet verify` for a receipt, otherwise 0: a probe judges nothing.
 * Throws `probe.missing`, `probe.format`, `probe.repository`, and what verifying a receipt throws.
 */
export async function probeFile(thing: string | undefined, options: ProbeOptions): Promise<number> {
  if (thing === undefined) {
    const precision = precisionOf(probeSample);
    if (options.json) printJson({ probes: probeDefinitions, precision });
    else print(renderPrecision(precision));
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
    report({ thing, commit, committed }, probeRepository(snapshot), options);
    return 0;
  }
  if (!statSync(thing).isFile()) throw unknownThing(thing, 'neither a file nor a folder');
  if (statSync(thing).size > maximumReceiptBytes) throw unknownThing(thing, `${statSync(thing).size} bytes`);
  const text = readFileSync(thing, 'utf8');
  if (/^(0x)?[0-9a-f\s]+$/i.test(text.trimStart())) {
    report({ thing }, [probeBytecode(parseBytecode(text))], options);
    return 0;
  }
  if (isReceipt(text)) return verifyFile(thing, options);
  throw unknownThing(thing, 'something else');
}

const unknownThing = (thing: string, found: string) =>
  new MisuseError({
    code: 'probe.format',
    expected: `a git repository, the code of a contract in hexadecimal, or a receipt at ${thing}`,
    found,
    hint: 'There is no format for proofs yet in this version.',
  });

function isReceipt(text: string): boolean {
  try {
    return resemblesReceipt(JSON.parse(text));
  } catch {
    return false;
  }
}

/** What a probe found, with what it asks and how often it errs. */
function describe(result: ProbeResult): DescribedResult {
  const { question, evidenceFor, errs } = probeDefinitions.find(({ id }) => id === result.probe)!;
  const precision = precisionOf(probeSample).find(({ probe }) => probe === result.probe);
  return { ...result, question, evidenceFor, errs, precision };
}

function report(subject: ProbedSubject, results: readonly ProbeResult[], { json }: ProbeOptions): void {
  const described = results.map(describe);
  if (json) printJson({ ...subject, results: described });
  else print(renderResults(foreignValues(subject), foreignValues(described)));
}
