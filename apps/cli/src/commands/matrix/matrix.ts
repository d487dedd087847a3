/**
 * `nonet matrix [CELL]`: the nine cells, one cell as a page, the ordered table, the gaps, what
 * changed since a date, and the triangle and the trilemma.
 */
import { existsSync, statSync } from 'node:fs';
import { MisuseError, UndecidedError } from '@nonet/core';
import { parseReceipt, type Receipt } from '@nonet/core/receipt';
import { type CellId, cellIds } from '@nonet/core/records';
import {
  claimsAt,
  diffCells,
  embeddedLedgerIn,
  gapsIn,
  type MatrixView,
  matrixView,
  orderedTable,
  type Situation,
  triangleView,
  trilemmaView,
  wholeRun,
} from '@nonet/matrix';
import { measurements, projects } from '@nonet/matrix/projects';
import { mechanisms, vocabulary } from '../../declarations.ts';
import { readReceiptFile } from '../../files/receiptFile.ts';
import { readLocalEvidence } from '../../runs/localEvidence.ts';
import { findRun, listRuns } from '../../runs/runDirectory.ts';
import { foreignValues } from '../../terminal/foreignText.ts';
import { print, printJson } from '../../terminal/terminal.ts';
import type { MatrixOptions } from './definition.ts';
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

/**
 * Throws `matrix.options`, `matrix.cell`, `run.missing`, `run.unfinished`, `page.out`, and what
 * reading a receipt throws.
 */
export function showMatrix(cell: string | undefined, options: MatrixOptions): void {
  assertOneView(cell, options);
  const id = cell === undefined ? undefined : parseCell(cell);
  assertSince(options);
  const show = <T>(model: T, render: (model: T) => string): void => {
    if (options.json) printJson(model);
    else print(render(foreignValues(model)));
  };
  // Prices are of one run, whatever else was measured.
  if (options.view === 'triangle') {
    show(triangleOf(options.run), renderTriangle);
    return;
  }
  const records = readLocalEvidence();
  const asOf = options.asOf ?? new Date().toISOString();
  const at = (date: string): MatrixView => matrixView(situationAt(date, records, options));
  // Where the ledger was not measured here, what the project measured and ships stands for it, with
  // its machine.
  const local = records.map(({ evidence }) => evidence);
  const ledgerEvidence =
    embeddedLedgerIn(local) === undefined ? measurements.map(({ evidence }) => evidence) : local;
  const trilemma = () => trilemmaView(ledgerEvidence, asOf);
  if (options.html !== undefined) {
    const before = options.since ?? new Date(Date.parse(asOf) - quarterMilliseconds).toISOString();
    writeMatrixPage(options.html, {
      now: at(asOf),
      before: at(before),
      trilemma: trilemma(),
      triangle: latestTriangle(options.run),
    });
  } else if (options.view === 'trilemma') show(trilemma(), renderTrilemma);
  else if (options.since !== undefined) {
    show(diffCells(at(options.since), at(asOf)), renderChanges(options.since));
  } else if (options.gaps) show(gapsIn(at(asOf)), renderGaps);
  else if (options.table) show(orderedTable(at(asOf)), renderTable);
  else {
    const now = at(asOf);
    if (id === undefined) show(now, renderGrid);
    else show(now.cells.find((each) => each.cell.id === id)!, renderCellPage(now));
  }
}

/** How far back a page shows changes, unless --since says so. */
const quarterMilliseconds = 91 * 86_400_000;

/**
 * The largest model that processors suit, and a consortium: without a size, no verdict of a toy.
 */
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
    mechanisms,
    vocabulary,
    date,
    records,
    shipped: measurements,
    claims: claimsAt(projects, date),
  };
}

/** Of the named run, or of the latest that ended; undefined if there is none. */
function latestTriangle(idOrPath: string | undefined): ReturnType<typeof triangleOf> | undefined {
  if (idOrPath !== undefined) return triangleOf(idOrPath);
  const ended = listRuns().findLast((run) => existsSync(run.resolve('receipt.json')));
  return ended === undefined ? undefined : triangleOf(ended.record.id);
}

function triangleOf(idOrPath: string | undefined) {
  const { run, evidence, job } = readRunReceipt(idOrPath);
  // What a run does beside what its job promises, such as a proof, tells of itself in a record.
  const used = new Set([
    ...job.guarantees.map(({ mechanism }) => mechanism),
    ...evidence.flatMap(({ mechanism }) => mechanism ?? []),
  ]);
  return {
    run,
    whole: wholeRun(evidence, vocabulary),
    rows: triangleView(
      evidence,
      mechanisms.filter(({ id }) => used.has(id)),
      vocabulary,
    ),
  };
}

/** Of a run here, or in a receipt file. */
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
  return parseReceipt(readReceiptFile(file));
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
    table ? ['--table'] : [],
    gaps ? ['--gaps'] : [],
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
