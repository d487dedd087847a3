import { tallyClaims } from '@nonet/matrix';
import type { ProjectReport } from '@nonet/matrix/evaluation';
import type { ReactNode } from 'react';
import type { MatrixPage } from './data.ts';
import { cellName, counted, shortName } from './text.ts';

/** For each kind of reader what matters, in a minute: computed, with links to what it rests on. */
export function Paths({ page }: { page: MatrixPage }) {
  return (
    <section aria-labelledby="paths">
      <h2 id="paths">In 60 seconds</h2>
      <div className="paths">
        <Path id="investor" title="For an investor" steps={investor(page)} />
        <Path id="builder" title="For a builder" steps={builder(page)} />
        <Path id="regulator" title="For a regulator" steps={regulator(page)} />
      </div>
    </section>
  );
}

function Path({ id, title, steps }: { id: string; title: string; steps: readonly ReactNode[] }) {
  return (
    <div>
      <h3 id={id}>{title}</h3>
      <ol>
        {steps.map((step, i) => (
          <li key={i}>{step}</li>
        ))}
      </ol>
    </div>
  );
}

function Names({ reports, most = 4 }: { reports: readonly ProjectReport[]; most?: number }) {
  const rest = reports.length - most;
  return (
    <>
      {reports.slice(0, most).map(({ project }, i) => (
        <span key={project.id}>
          {i === 0 ? '' : ', '}
          <a href={`#project/${project.id}`}>{shortName(project.name)}</a>
        </span>
      ))}
      {rest > 0 ? <a href="#projects"> and {rest} more</a> : null}
    </>
  );
}

const real = ({ projects }: MatrixPage) => projects.filter(({ project }) => project.kind === 'project');

function investor(page: MatrixPage): readonly ReactNode[] {
  const projects = real(page);
  const of = (...verdicts: readonly string[]) =>
    projects.filter(({ decision }) => verdicts.includes(decision.verdict));
  const [shown, not, open] = [
    of('impact', 'impact with overclaim'),
    of('not shown', 'hype'),
    of('under review'),
  ];
  const ended = projects.filter(({ project }) =>
    ['dormant', 'sunsetting', 'archived'].includes(project.state.is),
  );
  return [
    <>
      Of {projects.length} projects, {shown.length} {shown.length === 1 ? 'shows' : 'show'} that the ledger
      matters{shown.length === 0 ? '' : ': '}
      <Names reports={shown} />. A claim with a token is not yet a result.
    </>,
    <>
      {not.length === 0 ? 'No project' : <Names reports={not} />} {not.length === 1 ? 'says' : 'say'} more
      than the evidence can support. For {open.length} it decides nothing yet; each page names the cheapest
      step that would.
    </>,
    <>
      {ended.length === 0 ? 'None' : <Names reports={ended} />} {ended.length === 1 ? 'says' : 'say'} of{' '}
      {ended.length === 1 ? 'itself' : 'themselves'} that work has ended.
    </>,
  ];
}

function builder({ view, gaps }: MatrixPage): readonly ReactNode[] {
  const tallies = view.cells.map(({ cell, claims }) => ({ cell, ...tallyClaims(claims) }));
  const shown = tallies.filter((tally) => tally.shown.length > 0);
  const without = tallies.filter((tally) => tally.shown.length === 0 && tally.tools.length > 0);
  const links = (cells: readonly { readonly cell: (typeof view.cells)[number]['cell'] }[]) =>
    cells.map(({ cell }, i) => (
      <span key={cell.id}>
        {i === 0 ? '' : ', '}
        <a href={`#cell/${cell.id}`}>{cellName(cell.id)}</a>
      </span>
    ));
  return [
    <>
      {shown.length === 0 ? 'Nowhere is it shown' : <>It is shown in {links(shown)}</>} that a ledger does
      what nothing else does. Start there.
    </>,
    <>
      In {counted(without.length, 'further cell')} others work without a ledger: a server, hardware or a
      contract between you may do. <code>nonet advise</code> names what to use for your needs, Nonet or not.
    </>,
    <>
      <a href="#gaps">{counted(gaps.length, 'gap')}</a>: cells in which no project has reached what others can
      check.
    </>,
  ];
}

function regulator(page: MatrixPage): readonly ReactNode[] {
  const projects = real(page);
  const sources = projects.flatMap(({ freshness }) => freshness);
  const stale = sources.filter((source) => source.stale || source.behind).length;
  const invited = projects.filter(({ project }) => project.review.invited !== undefined).length;
  const questions = projects.filter(({ invitation }) => invitation !== undefined);
  const withheld = projects.filter(({ decision }) => decision.withheld.length > 0);
  return [
    <>
      Every claim is quoted from {counted(sources.length, 'pinned source')}, each with a link;{' '}
      {stale === 0 ? 'none' : stale} {stale === 1 ? 'is' : 'are'} out of date. No verdict is typed: a{' '}
      <a href="#projects">project’s page</a> shows the rule.
    </>,
    <>
      Each claim names whom one still has to trust. An audit counts for what is in its scope, and only where
      the report was read.
    </>,
    <>
      {invited === 0
        ? 'No project was asked yet for a reply, so none is called hype.'
        : `${counted(invited, 'project')} asked for a reply.`}{' '}
      {withheld.length === 0 ? null : (
        <>
          A harsher verdict is withheld for <Names reports={withheld} />.{' '}
        </>
      )}
      What {questions.length} of them would have to be asked stands on their pages.
    </>,
  ];
}
