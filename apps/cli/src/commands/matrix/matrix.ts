/** `nonet matrix`: the nine cells, one cell as a page, the ordered table, the gaps, what changed since a date, and the triangle and the trilemma. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { MisuseError, UndecidedError } from '@nonet/core';
import { parseReceipt, type Receipt } from '@nonet/core/receipt';
import { type CellId, cellIds } from '@nonet/core/records';
import { federationMechanisms } from '@nonet/federation';
import {
  type Adversary,
  claimsAt,
  diffCells,
  gapsIn,
  type MatrixView,
  matrixView,
  orderedTable,
  type Situation,
  triangleView,
  trilemmaView,
  type Workload,
  wholeRun,
} from '@nonet/matrix';
import { projects } from '@nonet/matrix/projects';
import { readLocalEvidence } from '../../runs/localEvidence.ts';
import { findRun, listRuns } from '../../runs/runDirectory.ts';
import { print } from '../../terminal/terminal.ts';
import { writeMatrixPage } from './matrixPage.ts';
import {
  renderCellPage,
  renderChanges,
  renderGaps,
  renderGrid,
  renderTable,
  renderTriangle,
  renderTrilemma,
} from './matrixText.ts';

export interface MatrixOptions {
  readonly table?: boolean;
  readonly gaps?: boolean;
  readonly since?: string;
  readonly view?: 'triangle' | 'trilemma';
  readonly run?: string;
  readonly asOf?: string;
  readonly workload?: Workload['kind'];
  readonly parameters?: number;
  readonly parties?: number;
  readonly adversary?: Adversary;
  /** Where to write the page. */
  readonly html?: string;
  readonly json: boolean;
}

/** Throws `matrix.options` and `matrix.cell`, and what finding a run throws. */
export function matrixCommand(cell: string | undefined, options: MatrixOptions): void {
  assertOneView(cell, options);
  const id = cell === undefined ? undefined : parseCell(cell);
  const show = <T>(model: T, render: (model: T) => string): void => {
    print(options.json ? JSON.stringify(model, null, 2) : render(model));
  };
  const records = options.view === 'triangle' ? [] : readLocalEvidence();
  const at = (date: string): MatrixView => matrixView(situationAt(date, records, options));
  assertSince(options);
  if (options.html !== undefined) {
    const now = at(options.asOf ?? new Date().toISOString());
    const quarter = 91 * 86_400_000;
    writeMatrixPage(options.html, {
      now,
      before: at(options.since ?? new Date(Date.parse(now.date) - quarter).toISOString()),
      trilemma: trilemmaView(
        records.map(({ evidence }) => evidence),
        now.date,
      ),
      triangle: latestTriangle(options.run),
    });
    return;
  }
  if (options.view === 'triangle') show(triangleOf(options.run), renderTriangle);
  else if (options.view === 'trilemma') {
    const evidence = records.map((record) => record.evidence);
    show(trilemmaView(evidence, options.asOf ?? new Date().toISOString()), renderTrilemma);
  } else {
    const now = at(options.asOf ?? new Date().toISOString());
    if (options.since !== undefined) {
      show(diffCells(at(options.since), now), renderChanges(options.since));
    } else if (options.gaps === true) show(gapsIn(now), renderGaps);
    else if (options.table === true) show(orderedTable(now), renderTable);
    else if (cell === undefined) show(now, renderGrid);
    else show(now.cells.find((each) => each.cell.id === id)!, renderCellPage(now));
  }
}

/** The largest model that processors suit, and a consortium: whoever asks for no size should not get the verdict of a toy. */
const defaultParameters = 50e6;
const defaultParties = 20;

function situationAt(date: string, records: Situation['records'], options: MatrixOptions): Situation {
  const { workload: kind, adversary = 'operator' } = options;
  const { parameters = defaultParameters, parties = defaultParties } = options;
  return {
    workload: {
      ...(kind === undefined ? {} : { kind }),
      parameters,
      parties,
    },
    adversary,
    mechanisms: federationMechanisms,
    date,
    records,
    claims: claimsAt(projects, date),
  };
}

/** Of the run that was asked for, or of the latest that ended; undefined if there is none. */
function latestTriangle(idOrPath: string | undefined): ReturnType<typeof triangleOf> | undefined {
  if (idOrPath !== undefined) return triangleOf(idOrPath);
  const ended = listRuns().findLast((run) => existsSync(run.resolve('receipt.json')));
  return ended === undefined ? undefined : triangleOf(ended.record.id);
}

function triangleOf(idOrPath: string | undefined) {
  const { run, evidence, job } = readRunReceipt(idOrPath);
  const used = new Set(job.guarantees.map(({ mechanism }) => mechanism));
  return {
    run,
    whole: wholeRun(evidence),
    rows: triangleView(
      evidence,
      federationMechanisms.filter(({ id }) => used.has(id)),
    ),
  };
}

/** Of a run here, or a file that somebody sent. */
function readRunReceipt(idOrPath: string | undefined): Receipt {
  const isFile = idOrPath !== undefined && statSync(idOrPath, { throwIfNoEntry: false })?.isFile() === true;
  const file = isFile ? idOrPath : findRun(idOrPath).resolve('receipt.json');
  if (!existsSync(file)) {
    throw new UndecidedError({
      code: 'run.unfinished',
      expected: `a receipt in ${file}`,
      found: 'none: the run has not ended',
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new MisuseError({
      code: 'receipt.malformed',
      expected: `a receipt in ${file}`,
      found: 'no JSON',
      cause,
    });
  }
  return parseReceipt(value);
}

/** `privacy-security`, or with a space or a multiplication sign between. */
function parseCell(text: string): CellId {
  const id = text
    .toLowerCase()
    .split(/[\s×x-]+/)
    .filter((word) => word !== '')
    .join('-');
  const found = cellIds.find((each) => each === id);
  if (found !== undefined) return found;
  throw new MisuseError({
    code: 'matrix.cell',
    expected: `one of the cells ${cellIds.join(', ')}`,
    found: JSON.stringify(text),
  });
}

/** Changes go forwards in time. */
function assertSince({ since, asOf = new Date().toISOString() }: MatrixOptions): void {
  if (since === undefined || since <= asOf) return;
  throw new MisuseError({
    code: 'matrix.options',
    expected: `--since before ${asOf.slice(0, 10)}`,
    found: since.slice(0, 10),
  });
}

function assertOneView(
  cell: string | undefined,
  { table, gaps, since, view, run, html }: MatrixOptions,
): void {
  const asked = [
    cell === undefined ? [] : ['a cell'],
    table === true ? ['--table'] : [],
    gaps === true ? ['--gaps'] : [],
    since === undefined || html !== undefined ? [] : ['--since'],
    html === undefined ? [] : ['--html'],
    view === undefined ? [] : ['--view'],
  ].flat();
  if (asked.length > 1) {
    throw new MisuseError({
      code: 'matrix.options',
      expected: 'one way of looking at the matrix',
      found: asked.join(' and '),
    });
  }
  if (run !== undefined && view !== 'triangle' && html === undefined) {
    throw new MisuseError({
      code: 'matrix.options',
      expected: '--run together with --view triangle or --html',
      found: '--run alone',
    });
  }
}
