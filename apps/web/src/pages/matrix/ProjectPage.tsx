import {
  type ClaimView,
  decaiSource,
  differenceFromDecai,
  type EvidenceView,
  type FindingView,
  type FlipView,
  type Freshness,
  type ProjectReport,
  sourceUrl,
} from '@nonet/matrix/evaluation';
import { Out } from '../shared/Out.tsx';
import { Table } from '../shared/Table.tsx';
import { Chip } from './Chip.tsx';
import { Rosette } from './Rosette.tsx';
import { slicesOf, summaryOf } from './slices.ts';
import { cellName, counted, freshnessText, levelText, pinText } from './text.ts';

/**
 * One project: its claims verbatim, what evidence says of each, the verdict with its rule, and what
 * would change it.
 */
export function ProjectPage({ report }: { report: ProjectReport }) {
  const { project, decision, claims } = report;
  const slices = slicesOf(report);
  return (
    <>
      <header>
        <h1 tabIndex={-1}>{project.name}</h1>
        <p className="lead">{project.about}</p>
        <div className="standing" data-verdict={decision.verdict}>
          <p className="verdict">
            <Chip verdict={decision.verdict} />
          </p>
          <p>
            Rule {decision.rule}: {decision.reason}.
          </p>
          {decision.withheld.length === 0 ? null : (
            <p className="note">A harsher verdict is withheld, because {decision.withheld.join('; ')}.</p>
          )}
        </div>
        <p className="note">{standingText(report)}</p>
      </header>
      <figure className="chart">
        <Rosette slices={slices} summary={summaryOf(report)} />
        <Table
          caption="The six properties, each as far as the best claim about it: 0 to 4"
          columns={[
            { head: 'Property', cell: ({ name }) => name },
            { head: 'Shown', numbers: true, cell: ({ low, claimed }) => (claimed ? low : 'not claimed') },
            { head: 'Open up to', numbers: true, cell: ({ high, claimed }) => (claimed ? high : '–') },
          ]}
          rows={slices}
          keyOf={({ name }) => name}
        />
      </figure>
      {claims.map((view) => (
        <ClaimSection key={view.claim.id} view={view} report={report} />
      ))}
      <Nearest report={report} />
      <Flips report={report} />
      <Readings report={report} />
      <Comparison report={report} />
      <Sources freshness={report.freshness} incidents={project.incidents} />
      <Reply report={report} />
    </>
  );
}

function standingText({ asOf, ladders, reviewers, freshness, project: { state } }: ProjectReport): string {
  const readers = reviewers === 1 ? 'one reader' : `${reviewers} readers who are independent of one another`;
  const quote = state.quote === undefined ? '' : `: “${state.quote}”`;
  return [
    `As of ${asOf}, by the ladders of version ${ladders}; ${readers}; sources ${freshnessText({ freshness })}.`,
    ...(state.is === 'not stated' ? [] : [`It says of itself that it is ${state.is}${quote}.`]),
  ].join(' ');
}

function ClaimSection({ view, report }: { view: ClaimView; report: ProjectReport }) {
  const { claim, level, interval, findings, decision } = view;
  const isOpen = ({ value, outweighed }: FindingView) => value === 'unknown' && outweighed.length === 0;
  const open = findings.filter(isOpen);
  return (
    <section aria-labelledby={`claim-${claim.id}`}>
      <h2 id={`claim-${claim.id}`}>{cellName(claim.cell)}</h2>
      <blockquote cite={sourceUrl(claim.source, claim.pin)}>“{claim.quote}”</blockquote>
      <p className="small">
        <Out href={sourceUrl(claim.source, claim.pin)}>
          {claim.source} at {pinText(claim.pin)}
        </Out>
      </p>
      <p>
        Supported: {levelText({ low: interval.lo, high: interval.hi })} of 4
        {level === undefined ? '' : `; the quote claims level ${level.level}`}.{' '}
        <Chip verdict={decision.verdict} />
      </p>
      <dl className="facts">
        <Fact term="Mechanism" text={claim.mechanism} />
        <Fact term="Whom one trusts" text={claim.trust.join(' + ')} />
        <Fact term="Without the ledger" text={claim.withoutLedger} />
      </dl>
      <Table
        caption="Items, and what evidence says of each"
        columns={[
          { head: 'Item', cell: ({ text }) => text },
          { head: 'Value', cell: Value },
          { head: 'Evidence', cell: (finding) => <EvidenceLines finding={finding} report={report} /> },
        ]}
        rows={findings.filter((finding) => !isOpen(finding))}
        keyOf={({ on }) => on}
      />
      {open.length === 0 ? null : (
        <p className="small">Not shown either way: {open.map(({ text }) => text).join(' ')}</p>
      )}
    </section>
  );
}

const signs = { true: '●', false: '○', unknown: '?', contested: '◐' } as const;

function Value({ value }: FindingView) {
  return (
    <>
      <span aria-hidden="true">{signs[value]}</span> {value}
    </>
  );
}

function EvidenceLines({ finding, report }: { finding: FindingView; report: ProjectReport }) {
  const { decided, outweighed } = finding;
  return (
    <>
      {decided.map((record) => (
        <EvidenceLine key={record.id} record={record} report={report} note="" />
      ))}
      {outweighed.map((record) => (
        <EvidenceLine key={record.id} record={record} report={report} note=", outweighed or too weak" />
      ))}
    </>
  );
}

function EvidenceLine({
  record,
  report,
  note,
}: {
  record: EvidenceView;
  report: ProjectReport;
  note: string;
}) {
  const { pin } = report.project.evidence.find(({ id }) => id === record.id)!;
  const interest = record.interest === 'competitor' || record.interest === 'holder' ? record.interest : '';
  return (
    <p>
      {record.says ? '' : 'Against: '}
      {record.fact}{' '}
      <span className="small">
        Grade {record.grade}
        {interest === '' ? '' : `, by a ${interest}`},{' '}
        {record.dated === undefined
          ? `undated, read ${counted(record.ageDays, 'day')} ago`
          : `${counted(record.ageDays, 'day')} old`}
        ,{' '}
        <Out href={sourceUrl(record.source, pin)}>
          {record.source} at {pinText(pin)}
        </Out>
        {note}
        {auditText(record.audit)}
      </span>
    </p>
  );
}

function auditText(audit: EvidenceView['audit']): string {
  if (audit === undefined) return '';
  if (!audit.read) return '. The report was not read.';
  const parts = (list: typeof audit.in) => list.map(({ part }) => part).join(', ');
  return `. By ${audit.by}, of ${audit.version}: covers ${parts(audit.in)}${audit.out.length === 0 ? '' : `, not ${parts(audit.out)}`}.`;
}

/** What the claim that is nearest to level 2 still lacks. */
function Nearest({ report: { nearest, claims } }: { report: ProjectReport }) {
  if (nearest === undefined) return null;
  const claim = claims.find((view) => view.claim.id === nearest.claim)!;
  return (
    <section aria-labelledby="nearest">
      <h2 id="nearest">How far it is from impact</h2>
      <Table
        caption={`Its nearest claim, about ${cellName(claim.claim.cell)}, lacks ${counted(nearest.missing.length, 'item')}`}
        columns={[
          { head: 'Item', cell: ({ text }) => text },
          { head: 'So far', cell: ({ refuted }) => (refuted ? 'evidence against it' : 'not decided') },
          { head: 'What would show it', cell: ({ shownBy }) => shownBy },
          { head: 'Effort', cell: ({ effort }) => effort },
        ]}
        rows={nearest.missing}
        keyOf={({ on }) => on}
      />
    </section>
  );
}

/**
 * Every single change of an item that would change the verdict; the tests that would refute any
 * claim are listed together.
 */
function Flips({ report: { flips, claims } }: { report: ProjectReport }) {
  const items = flips.filter(({ on }) => !on.startsWith('H'));
  const tests = [...new Set(flips.filter(({ on }) => on.startsWith('H')).map(({ text }) => text))];
  const verdict = (flip: FlipView) =>
    flip.withheld ? 'hype, withheld until the guard rails hold' : <Chip verdict={flip.verdict} />;
  return (
    <section aria-labelledby="flips">
      <h2 id="flips">What would change the verdict</h2>
      {items.length === 0 ? (
        <p>No single change of one item.</p>
      ) : (
        <Table
          caption="Cheapest first: one item that turns out otherwise, and what the verdict would be"
          columns={[
            { head: 'Item', cell: ({ text }) => text },
            { head: 'Claim', cell: ({ claim }) => cellName(claims[claim]!.claim.cell) },
            { head: 'From, to', cell: ({ from, to }) => `${from} → ${to}` },
            { head: 'Verdict then', cell: verdict },
            { head: 'Effort', cell: ({ effort, todo }) => `${effort}: ${todo}` },
          ]}
          rows={items}
          keyOf={({ claimId, on, to }) => `${claimId} ${on} ${to}`}
        />
      )}
      {tests.length === 0 ? null : (
        <p className="small">Evidence on these tests would change it, too: {tests.join('; ')}.</p>
      )}
    </section>
  );
}

/** Where a second reading of the same sources codes an item otherwise. */
function Readings({ report: { disagreements, project } }: { report: ProjectReport }) {
  const { second } = project;
  return (
    <section aria-labelledby="readings">
      <h2 id="readings">Read a second time</h2>
      {disagreements === undefined || second === undefined ? (
        <p>Not yet.</p>
      ) : (
        <>
          <p>
            On {second.date} by {second.reader},{' '}
            {second.independent ? 'independent of the first' : 'who is not independent of the first reader'}:{' '}
            {counted(second.codes.length, 'item')} coded anew,{' '}
            {disagreements.length === 0 ? 'none differs' : `${disagreements.length} coded otherwise`}.
          </p>
          {disagreements.length === 0 ? null : (
            <Table
              caption="Where the readings differ; the verdict is by the first"
              columns={[
                { head: 'Item', cell: ({ text }) => text },
                { head: 'First', cell: ({ first }) => first },
                { head: 'Second', cell: (each) => each.second },
                { head: 'Why', cell: ({ because }) => because ?? 'not said' },
              ]}
              rows={disagreements}
              keyOf={({ claim, on }) => `${claim} ${on}`}
            />
          )}
        </>
      )}
    </section>
  );
}

/** What another published formula gives, and why it differs. */
function Comparison({ report: { decaiFit, decision } }: { report: ProjectReport }) {
  if (decaiFit === undefined) return null;
  const range = ({ low, high }: { readonly low: number; readonly high: number }) =>
    low === high ? String(low) : `${low} to ${high}`;
  return (
    <section aria-labelledby="decai">
      <h2 id="decai">By another published formula</h2>
      <p>
        <Out href={decaiSource}>DecAI Fit</Out> gives {range(decaiFit.sum)} of 12 before its last step, which
        is not in the copy that could be read: AI {range(decaiFit.ai)}, on chain {range(decaiFit.onchain)},
        token {range(decaiFit.token)}, evidence {range(decaiFit.evidence)}, each of 3.{' '}
        {differenceFromDecai(decaiFit, decision)}
      </p>
    </section>
  );
}

function Sources({
  freshness,
  incidents,
}: {
  freshness: readonly Freshness[];
  incidents: ProjectReport['project']['incidents'];
}) {
  return (
    <section aria-labelledby="sources">
      <h2 id="sources">Sources</h2>
      <Table
        caption="What was read, and when it was last compared with the newest copy that could be had"
        columns={[
          { head: 'Source', cell: ({ source }) => <span className="address">{source.id}</span> },
          {
            head: 'Pinned at',
            cell: ({ source }) => <Out href={sourceUrl(source.id, source.pin)}>{pinText(source.pin)}</Out>,
          },
          { head: 'Dated', cell: ({ source }) => source.dated ?? 'no date' },
          {
            head: 'Checked',
            cell: ({ source, stale }) => `${source.checked}${stale ? ', too long ago' : ''}`,
          },
          {
            head: 'Newer',
            cell: ({ source }) =>
              source.newest === undefined ? 'none seen' : `yes, not judged: ${source.newest.changed}`,
          },
        ]}
        rows={freshness}
        keyOf={({ source }) => source.id}
      />
      {incidents.length === 0 ? null : (
        <Table
          caption="Incidents that were reported of it"
          columns={[
            { head: 'When', cell: ({ date }) => date },
            { head: 'What', cell: ({ what }) => what },
            {
              head: 'Reported by',
              cell: ({ source, interest }) => `${source}${interest === undefined ? '' : `, a ${interest}`}`,
            },
          ]}
          rows={incidents}
          keyOf={({ date, what }) => `${date} ${what}`}
        />
      )}
    </section>
  );
}

function Reply({ report: { project, invitation } }: { report: ProjectReport }) {
  const { reply, invited } = project.review;
  return (
    <section aria-labelledby="reply">
      <h2 id="reply">Right of reply</h2>
      {reply === undefined ? (
        <p>
          {invited === undefined
            ? 'The project has not been asked yet; a verdict of hype cannot be given before.'
            : `Asked on ${invited}; no reply so far.`}
        </p>
      ) : (
        <blockquote>
          “{reply.text}” ({reply.date})
        </blockquote>
      )}
      {invitation === undefined ? null : (
        <>
          <p>
            What {invitation.to} would have to be asked
            {invitation.at.length === 0 ? '' : ` (${invitation.at.join(', ')})`}
            {invitation.missing.length === 0 ? '' : ' before the withheld verdict'}:
          </p>
          <ul className="records">
            {invitation.questions.map(({ claim, on, text, quote, against }) => (
              <li key={`${claim} ${on}`}>
                <p>
                  You say: <q>{quote}</q>{' '}
                  {on.startsWith('H') ? 'Evidence says: ' : 'By the evidence this does not hold: '}“{text}”
                  What would refute that?
                </p>
                <p className="small">{against.join(' ')}</p>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Fact({ term, text }: { term: string; text: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{text}</dd>
    </div>
  );
}
