import type { ProjectReport } from '@nonet/matrix/evaluation';
import type { MatrixPage } from './data.ts';
import { Rosette } from './Rosette.tsx';
import { slicesOf, summaryOf } from './slices.ts';

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
        no ranking: with other weights nearly any order comes out. A slice is solid up to what the evidence
        shows, hatched up to what it leaves open, and empty where nothing is claimed.
      </p>
      <ul className="projects">
        {projects.map((report) => (
          <li key={report.project.id}>
            <a href={`#project/${report.project.id}`}>
              <Rosette slices={slicesOf(report)} summary={summaryOf(report)} />
              <b>{report.project.name}</b>
            </a>
            <p className="small verdict" data-verdict={report.decision.verdict}>
              {report.decision.verdict}
            </p>
          </li>
        ))}
      </ul>
      <details>
        <summary>{leads.length} more projects under review: facts were read, no claim is judged yet</summary>
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
