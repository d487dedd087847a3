import { matrixSentence, situationSentence } from '@nonet/matrix';
import { findProject, projectsLike } from '@nonet/matrix/evaluation';
import { type ReactNode, useEffect } from 'react';
import { PageFrame } from '../shared/PageFrame.tsx';
import { useRoute } from '../shared/useRoute.ts';
import { CellPage } from './CellPage.tsx';
import { Changes } from './Changes.tsx';
import type { MatrixPage } from './data.ts';
import { Grid } from './Grid.tsx';
import { Ledgers, Triangle } from './Ledgers.tsx';
import { Gaps, OrderedTable } from './OrderedTable.tsx';
import { Paths } from './Paths.tsx';
import { ProjectPage } from './ProjectPage.tsx';
import { Projects } from './Projects.tsx';
import { Statements } from './Statements.tsx';
import { cellName } from './text.ts';

const whole = 'The AI-blockchain matrix';

/** The parts of the matrix that a link may lead to, beside the whole. */
const sections = [
  'grid',
  'paths',
  'investor',
  'builder',
  'regulator',
  'projects',
  'statements',
  'ordered',
  'gaps',
  'changes',
  'triangle',
  'ledgers',
];

/** The matrix, or one of its cells or projects, by the address after `#`. */
export function App({ page }: { page: MatrixPage | null }) {
  const route = useRoute();
  const { title, content } = page === null ? { title: whole, content: <Empty /> } : viewOf(page, route);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <PageFrame
      navigation={page === null ? null : <Navigation page={page} />}
      footer="Nonet. This page is one file, loads nothing and sends nothing. What it says of projects goes no further than the sources that it names, as they were at the date given; they may have changed since. It ranks no project and advises nothing."
    >
      {content}
    </PageFrame>
  );
}

/** What an address shows. Projects may be called by any of their names. */
function viewOf(
  page: MatrixPage,
  [kind = '', ...rest]: readonly string[],
): {
  readonly title: string;
  readonly content: ReactNode;
} {
  const name = rest.join('/');
  if (kind === 'cell') {
    const cell = page.view.cells.find((state) => state.cell.id === name.toLowerCase());
    if (cell !== undefined) {
      return {
        title: cellName(cell.cell.id),
        content: <CellPage state={cell} view={page.view} projects={page.projects} />,
      };
    }
  }
  if (kind === 'project') {
    const named = page.projects.map((report) => ({ ...report.project, report }));
    const report = findProject(named, name)?.report;
    if (report !== undefined) return { title: report.project.name, content: <ProjectPage report={report} /> };
  }
  if (rest.length === 0 && ['', 'matrix', ...sections].includes(kind)) {
    return { title: whole, content: <Matrix page={page} /> };
  }
  const address = [kind, ...rest].join('/');
  return {
    title: 'Not in this page',
    content: <Unknown address={address} name={rest.at(-1) ?? kind} page={page} />,
  };
}

function Navigation({ page }: { page: MatrixPage }) {
  return (
    <nav aria-label="This page">
      <a href="#matrix">Matrix</a>
      <a href="#paths">In 60 seconds</a>
      <a href="#projects">Projects</a>
      <a href="#statements">Statements</a>
      <a href="#gaps">Gaps</a>
      <a href="#changes">Changes</a>
      {page.triangle === null ? null : <a href="#triangle">Costs</a>}
      <a href="#ledgers">Ledgers</a>
    </nav>
  );
}

function Matrix({ page }: { page: MatrixPage }) {
  const { view } = page;
  return (
    <>
      <header className="hero">
        <h1 tabIndex={-1}>What AI and a ledger do for each other, cell by cell</h1>
        <p className="lead">{matrixSentence(view)}</p>
        <p className="note">
          {situationSentence(view)} In 60 seconds: for <a href="#investor">an investor</a>,{' '}
          <a href="#builder">a builder</a>, <a href="#regulator">a regulator</a>.
        </p>
      </header>
      <Grid view={view} />
      <Paths page={page} />
      <Projects projects={page.projects} leads={page.leads} />
      <Statements view={view} />
      <OrderedTable view={view} />
      <Gaps gaps={page.gaps} />
      <Changes changes={page.changes} />
      <Triangle triangle={page.triangle} />
      <Ledgers trilemma={page.trilemma} />
      <section aria-labelledby="formula">
        <h2 id="formula">How a score is computed</h2>
        <p>{view.formula}.</p>
      </section>
    </>
  );
}

/** Says that an address leads nowhere, and where it may have meant to. */
function Unknown({ address, name, page }: { address: string; name: string; page: MatrixPage }) {
  const like = projectsLike(
    page.projects.map(({ project }) => project),
    name,
  );
  return (
    <header>
      <h1 tabIndex={-1}>There is nothing called “{address}” in this page</h1>
      <p className="lead">
        {like.length === 0 ? (
          <>
            It knows nine cells and {page.projects.length} projects: see <a href="#matrix">the matrix</a> and{' '}
            <a href="#projects">the projects</a>.
          </>
        ) : (
          <>
            Is it one of these?{' '}
            {like.map(({ id, name }, i) => (
              <span key={id}>
                {i === 0 ? '' : ', '}
                <a href={`#project/${id}`}>{name}</a>
              </span>
            ))}
          </>
        )}
      </p>
    </header>
  );
}

function Empty() {
  return (
    <header>
      <h1>This page holds no matrix yet</h1>
      <p className="lead">
        <code>nonet matrix --html</code> writes one with the evidence of an installation.
      </p>
    </header>
  );
}
