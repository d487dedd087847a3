import { type ProjectReport, sourceUrl } from '@nonet/matrix/evaluation';
import { Out } from '../shared/Out.tsx';
import { Table } from '../shared/Table.tsx';
import { Chip } from './Chip.tsx';
import type { MatrixPage } from './data.ts';
import { cellName, counted, freshnessText, levelText, pinText } from './text.ts';

const kinds = { project: '', control: ' (control: claims no ledger)', constructed: ' (no real project)' };

/** All projects, in the order of the catalogue: there is no ranking. */
export function Projects({
  projects,
  leads,
}: {
  projects: readonly ProjectReport[];
  leads: MatrixPage['leads'];
}) {
  return (
    <section aria-labelledby="projects">
      <h2 id="projects">Projects, claim by claim</h2>
      <p className="note">
        Judged by evidence about what they say of themselves; Nonet is the first, by the same rules. There is
        no ranking: with other weights nearly any order comes out. Level 2: others than the operator can see
        that the claim holds; “1 to 4”: the evidence leaves open which.
      </p>
      <Table
        caption={`${counted(projects.length, 'project')}, as of ${projects[0]?.asOf ?? ''}`}
        columns={[
          {
            head: 'Project',
            cell: ({ project }) => (
              <>
                <a href={`#project/${project.id}`}>{project.name}</a>
                {kinds[project.kind]}
              </>
            ),
          },
          { head: 'Verdict', cell: ({ decision }) => <Chip verdict={decision.verdict} /> },
          { head: 'Best claim with a ledger', cell: bestClaim },
          { head: 'Says that it is', cell: ({ project }) => project.state.is },
          { head: 'Sources', cell: (report) => freshnessText(report) },
          { head: 'Read by', cell: readersText },
          {
            head: 'DecAI Fit, of 12',
            numbers: true,
            cell: ({ decaiFit }) => (decaiFit === undefined ? 'not looked up' : rangeText(decaiFit.sum)),
          },
          { head: 'Pinned at', cell: Pins },
        ]}
        rows={projects}
        keyOf={({ project }) => project.id}
      />
      <details>
        <summary>
          {counted(leads.length, 'more project')} under review: facts were read, no claim is judged yet
        </summary>
        <ul className="records">
          {leads.map(({ id, name, about }) => (
            <li key={id}>
              <b>{name}</b>: {about}
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

const rangeText = ({ low, high }: { readonly low: number; readonly high: number }) =>
  low === high ? String(low) : `${low} to ${high}`;

function bestClaim({ claims }: ProjectReport) {
  const [best] = claims
    .filter(({ claim }) => claim.ledger)
    .toSorted((a, b) => b.interval.lo - a.interval.lo || b.interval.hi - a.interval.hi);
  if (best === undefined) return 'none';
  return `${cellName(best.claim.cell)}, ${levelText({ low: best.interval.lo, high: best.interval.hi })}`;
}

function readersText({ reviewers, disagreements }: ProjectReport): string {
  if (disagreements === undefined) return 'one reader';
  const readers = reviewers > 1 ? 'two readers' : 'one reader, twice';
  return disagreements.length === 0
    ? `${readers}, who agree`.replace('twice, who agree', 'twice, alike')
    : `${readers}; ${disagreements.length === 1 ? '1 item differs' : `${disagreements.length} items differ`}`;
}

function Pins({ freshness }: ProjectReport) {
  return freshness.map(({ source }, i) => (
    <span key={source.id}>
      {i === 0 ? '' : ', '}
      <Out href={sourceUrl(source.id, source.pin)}>{pinText(source.pin)}</Out>
    </span>
  ));
}
