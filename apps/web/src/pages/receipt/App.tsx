import { NonetError } from '@nonet/core';
import {
  parseReceipt,
  type Receipt,
  receiptView,
  type Verdict,
  type VerdictView,
  verdictView,
  verifyReceipt,
} from '@nonet/core/receipt';
import { toJson } from '@nonet/core/records';
import { useEffect, useMemo, useState } from 'react';
import { Mark } from '../shared/Mark.tsx';
import { PageFrame } from '../shared/PageFrame.tsx';
import { CheckedBar } from './CheckedBar.tsx';
import { CheckMore } from './CheckMore.tsx';
import { type Blobs, createBlobStore, filesOfDrop, readFiles } from './droppedFiles.ts';
import { Exposure } from './Exposure.tsx';
import { Identities } from './Identities.tsx';
import { Pieces } from './Pieces.tsx';
import { Sections, Trust } from './Sections.tsx';
import { Timeline } from './Timeline.tsx';
import { narrators, verifiers } from './verifiers.ts';

/** The page: one receipt, the files that the reader added, and the verdicts on both. */
export function App({ initial }: { initial: unknown }) {
  const [value, setValue] = useState(initial);
  const [blobs, setBlobs] = useState<Blobs>(new Map());
  const [message, setMessage] = useState('');
  const { verdicts, checking } = useVerdicts(value, blobs);
  const receipt = useMemo(() => parse(value), [value]);

  const addFiles = async (files: readonly File[]) => {
    if (files.length === 0) return;
    setMessage(`Reading ${files.length === 1 ? files[0]!.name : `${files.length} files`} …`);
    const read = await readFiles(files);
    if (read.receipt !== undefined) setValue(read.receipt.value);
    if (read.blobs.size > 0) setBlobs((known) => new Map([...known, ...read.blobs]));
    setMessage(
      [
        read.receipt === undefined ? '' : `Now showing ${read.receipt.name}.`,
        read.blobs.size === 0
          ? ''
          : `${read.blobs.size} ${read.blobs.size === 1 ? 'file' : 'files'} of the run added; what needs them is checked again.`,
        ...read.refused.map((refusal) => `${refusal}.`),
      ].join(' '),
    );
    if (read.receipt !== undefined) window.scrollTo({ top: 0 });
  };
  const dropping = useDrop(addFiles);
  useEffect(() => {
    document.title = receipt === undefined ? 'Receipt' : `Receipt: ${receipt.job.name}`;
  }, [receipt]);

  const more = (
    <CheckMore
      json={receipt === undefined ? undefined : toJson(receipt)}
      message={message}
      onFiles={addFiles}
    />
  );
  return (
    <PageFrame
      footer="Nonet receipt. This page is one file, loads nothing and sends nothing: it works without a network, from a disk, years from now."
      data-checking={checking}
      data-dropping={dropping}
    >
      {value === null ? (
        <Empty />
      ) : receipt === undefined ? (
        <Malformed verdicts={verdicts} />
      ) : (
        <Document receipt={receipt} verdicts={verdicts} checking={checking} />
      )}
      {more}
    </PageFrame>
  );
}

function Document({
  receipt,
  verdicts,
  checking,
}: {
  receipt: Receipt;
  verdicts: readonly Verdict[];
  checking: boolean;
}) {
  const view = useMemo(() => receiptView(receipt, verdicts, narrators), [receipt, verdicts]);
  const standing = <StandingBox view={view} checking={checking} />;
  // What contradicts itself does not get to make its claims first.
  const failed = view.standing.status === 'failed';
  return (
    <>
      <header>
        <p className="kicker">Receipt</p>
        {failed ? standing : null}
        <h1>{view.title}</h1>
        {view.byline === undefined ? null : <p className="byline">{view.byline}</p>}
        {failed ? null : standing}
        {view.summary.map((sentence) => (
          <p key={sentence} className="lead">
            {sentence}
          </p>
        ))}
      </header>
      <Timeline timeline={view.timeline} />
      <Sections sections={view.sections} />
      <Trust trust={view.trust} />
      <Exposure exposure={view.exposure} />
      <Identities identities={view.identities} />
      <Pieces pieces={view.pieces} />
      <section aria-labelledby="facts">
        <h2 id="facts">The run</h2>
        <dl className="facts">
          {view.facts.map(({ label, text }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}

function StandingBox({ view, checking }: { view: VerdictView; checking: boolean }) {
  const { status, words, detail } = view.standing;
  return (
    <div role="status" className="standing" data-status={checking ? 'only stated' : status}>
      {checking ? (
        <Mark status="only stated" words="Checking this receipt in your browser …" />
      ) : (
        <>
          <Mark status={status} words={words} />
          <CheckedBar pieces={view.pieces} />
          {detail === undefined ? null : <p>{detail}</p>}
          <p className="note">
            Checked in a browser on {now()}, without asking any server. <a href="#more">Check more</a>
          </p>
        </>
      )}
    </div>
  );
}

/** To the minute, as the receipt's own dates. */
function now(): string {
  return `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function Malformed({ verdicts }: { verdicts: readonly Verdict[] }) {
  const view = verdictView(verdicts);
  return (
    <>
      <header>
        <p className="kicker">Receipt</p>
        <h1>This file is not a well-formed receipt</h1>
      </header>
      <StandingBox view={view} checking={verdicts.length === 0} />
      <Pieces pieces={view.pieces} />
    </>
  );
}

function Empty() {
  return (
    <header>
      <p className="kicker">Receipt</p>
      <h1>Check a receipt</h1>
      <p className="lead">
        A receipt says what was done when several parties trained a model together, and what of it you can
        check. This page holds none yet.
      </p>
    </header>
  );
}

function parse(value: unknown): Receipt | undefined {
  try {
    return parseReceipt(value);
  } catch (error) {
    if (error instanceof NonetError) return undefined;
    throw error;
  }
}

const none: readonly Verdict[] = [];

/**
 * The verdicts on the newest receipt and files; those without the newest files stay on show while
 * it is checked again.
 */
function useVerdicts(value: unknown, blobs: Blobs) {
  const [done, setDone] = useState<{ value: unknown; blobs: Blobs; verdicts: readonly Verdict[] }>();
  useEffect(() => {
    if (value === null) return;
    let current = true;
    // After the next paint: hashing a large receipt keeps the page busy.
    const timer = setTimeout(async () => {
      const reach = blobs.size === 0 ? {} : { blobs: createBlobStore(blobs) };
      const verdicts = await verifyReceipt(value, verifiers, reach);
      if (current) setDone({ value, blobs, verdicts });
    }, 30);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [value, blobs]);
  const verdicts = done !== undefined && done.value === value ? done.verdicts : none;
  return { verdicts, checking: value !== null && !(verdicts.length > 0 && done?.blobs === blobs) };
}

/** Takes files dropped anywhere; true while something is dragged over the page. */
function useDrop(onFiles: (files: readonly File[]) => Promise<void>): boolean {
  const [dropping, setDropping] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDropping(false);
    };
    const drop = async (event: DragEvent) => {
      event.preventDefault();
      setDropping(false);
      if (event.dataTransfer !== null) await onFiles(await filesOfDrop(event.dataTransfer));
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  });
  return dropping;
}
