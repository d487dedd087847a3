import type { ClaimView, EvidenceView, FindingView, FlipView, ProjectReport } from '@nonet/matrix/evaluation';
import { Scroll } from '../shared/Scroll.tsx';
import { Rosette } from './Rosette.tsx';
import { slicesOf, summaryOf } from './slices.ts';
import { cellName, levelText } from './text.ts';

/**
 * One project: its claims verbatim, what evidence says of each, the verdict with its rule, and what
 * would change it.
 */
export function ProjectPage({ report }: { report: ProjectReport }) {
  const { project, decision, asOf } = report;
  const slices = slicesOf(report);
  return (
    <>
      <header>
        <p className="kicker">
          <a href="#matrix">Matrix</a>
        </p>
        <h1 tabIndex={-1}>{project.name}</h1>
        <div className="standing" data-verdict={decision.verdict}>
          <p className="verdict">
            <b>{decision.verdict}</b>
          </p>
          <p>
            Rule {decision.rule}: {decision.reason}
          </p>
          {decision.withheld.length === 0 ? null : (
            <p className="note">A harsher verdict is withheld, because {decision.withheld.join('; ')}.</p>
          )}
        </div>
        <p className="note">
          As of {asOf}, by the ladders of version {report.ladders}, reviewed by {report.reviewers}.
        </p>
      </header>
      <figure className="chart">
        <Rosette slices={slices} summary={summaryOf(report)} />
        <table className="compact">
          <thead>
            <tr>
              <th scope="col">Property</th>
              <th scope="col">shown</th>
              <th scope="col">open up to</th>
            </tr>
          </thead>
          <tbody>
            {slices.map(({ name, low, high, claimed }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{claimed ? low : 'not claimed'}</td>
                <td>{claimed ? high : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </figure>
      {report.claims.map((view) => (
        <ClaimSection key={view.claim.id} view={view} />
      ))}
      <Flips report={report} />
      <Reply report={report} />
    </>
  );
}

function ClaimSection({ view }: { view: ClaimView }) {
  const { claim, level, interval, findings, decision } = view;
  return (
    <section aria-labelledby={`claim-${claim.id}`}>
      <h2 id={`claim-${claim.id}`}>{cellName(claim.cell)}</h2>
      <blockquote>“{claim.quote}”</blockquote>
      <p className="small">{claim.source}</p>
      <p>
        Supported: {levelText(interval)} of 4
        {level === undefined ? '' : `; the quote claims level ${level.level}`}. {decision.verdict}.
      </p>
      <dl className="facts">
        <Fact term="mechanism" text={claim.mechanism} />
        <Fact term="whom one trusts" text={claim.trust.join(' + ')} />
        <Fact term="without the ledger" text={claim.withoutLedger} />
      </dl>
      <Scroll label="Items and their evidence">
        <table>
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col" className="words">
                Value
              </th>
              <th scope="col" className="words">
                Evidence
              </th>
            </tr>
          </thead>
          <tbody>
            {findings.map((finding) => (
              <FindingRow key={finding.on} finding={finding} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

const signs = { true: '●', false: '○', unknown: '?', contested: '◐' } as const;

function FindingRow({ finding: { text, value, decided, outweighed } }: { finding: FindingView }) {
  return (
    <tr>
      <th scope="row" className="item">
        {text}
      </th>
      <td className="words value" data-value={value}>
        <span aria-hidden="true">{signs[value]}</span> {value}
      </td>
      <td className="words wide">
        {decided.map((record) => (
          <EvidenceLine key={record.id} record={record} note="" />
        ))}
        {outweighed.map((record) => (
          <EvidenceLine key={record.id} record={record} note=" (outweighed or too weak)" />
        ))}
      </td>
    </tr>
  );
}

function EvidenceLine({ record, note }: { record: EvidenceView; note: string }) {
  return (
    <p>
      {record.says ? '' : 'Against: '}
      {record.fact}{' '}
      <span className="small">
        [grade {record.grade}, {record.ageDays} days old, {record.source} at {record.pin}]{note}
      </span>
    </p>
  );
}

/**
 * Every single change of an item that would change the verdict; the tests that would refute any
 * claim are listed together.
 */
function Flips({ report: { flips, claims } }: { report: ProjectReport }) {
  const cellOf = (flip: FlipView) => cellName(claims[flip.claim]!.claim.cell);
  const items = flips.filter(({ on }) => !on.startsWith('H'));
  const tests = [...new Set(flips.filter(({ on }) => on.startsWith('H')).map(({ text }) => text))];
  return (
    <section aria-labelledby="flips">
      <h2 id="flips">What would change the verdict</h2>
      {items.length === 0 ? <p>No single change of one item.</p> : null}
      <ul className="records">
        {items.map((flip) => (
          <li key={`${flip.claimId} ${flip.on} ${flip.to}`}>
            <p>
              “{flip.text}” from {flip.from} to {flip.to}:{' '}
              <b>{flip.withheld ? 'hype, withheld until the guard rails hold' : flip.verdict}</b>
            </p>
            <p className="small">
              in {cellOf(flip)}; {flip.effort}: {flip.todo}
            </p>
          </li>
        ))}
      </ul>
      {tests.length === 0 ? null : (
        <p className="small">Evidence on these tests would change it, too: {tests.join('; ')}.</p>
      )}
    </section>
  );
}

function Reply({ report: { project } }: { report: ProjectReport }) {
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
