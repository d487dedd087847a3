import { situationSentence } from '@nonet/matrix';
import { useEffect } from 'react';
import { useRoute } from '../shared/useRoute.ts';
import { CellPage } from './CellPage.tsx';
import { Changes } from './Changes.tsx';
import type { MatrixPage } from './data.ts';
import { Grid } from './Grid.tsx';
import { Ledgers, Triangle } from './Ledgers.tsx';
import { Gaps, OrderedTable } from './OrderedTable.tsx';
import { ProjectPage } from './ProjectPage.tsx';
import { Projects } from './Projects.tsx';
import { cellName } from './text.ts';

/** The matrix, or one of its cells or projects, by the address after `#`. */
export function App({ page }: { page: MatrixPage | null }) {
  const [kind, id] = useRoute();
  const cell = kind === 'cell' ? page?.view.cells.find((state) => state.cell.id === id) : undefined;
  const report = kind === 'project' ? page?.projects.find(({ project }) => project.id === id) : undefined;
  const title =
    cell !== undefined ? cellName(cell.cell.id) : (report?.project.name ?? 'The AI-blockchain matrix');
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main>
      {page === null ? (
        <Empty />
      ) : cell !== undefined ? (
        <CellPage state={cell} view={page.view} projects={page.projects} />
      ) : report !== undefined ? (
        <ProjectPage report={report} />
      ) : (
        <Matrix page={page} />
      )}
      <footer>
        <p>
          Nonet. This page is one file, loads nothing and sends nothing. What it says of projects goes no
          further than the sources that it names, as they were at the date given; they may have changed since.
          It ranks no project and advises nothing.
        </p>
      </footer>
    </main>
  );
}

function Matrix({ page }: { page: MatrixPage }) {
  const { view } = page;
  const measured = view.cells.filter((state) => state.measured !== undefined).length;
  return (
    <>
      <header>
        <p className="kicker">Matrix</p>
        <h1 tabIndex={-1}>What AI and a ledger do for each other, cell by cell</h1>
        <p className="lead">
          Three wishes for AI against three for a ledger. Each cell says how well the two work together: not
          as an opinion, but by what was measured, and by what the evidence about projects shows.
        </p>
        <p className="note">
          {situationSentence(view)} {measured} of 9 cells were measured by this installation; where nothing
          was, the cell says so.
        </p>
      </header>
      <Grid view={view} />
      <OrderedTable view={view} />
      <Gaps gaps={page.gaps} />
      <Changes changes={page.changes} />
      <Projects projects={page.projects} leads={page.leads} />
      <Triangle triangle={page.triangle} />
      <Ledgers trilemma={page.trilemma} />
    </>
  );
}

function Empty() {
  return (
    <header>
      <p className="kicker">Matrix</p>
      <h1>This page holds no matrix yet</h1>
      <p className="lead">
        <code>nonet matrix --html</code> writes one with the evidence of an installation.
      </p>
    </header>
  );
}
