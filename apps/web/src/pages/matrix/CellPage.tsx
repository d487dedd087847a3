import { quantityText } from '@nonet/core/receipt';
import type { Evidence } from '@nonet/core/records';
import {
  type CellClaim,
  type CellState,
  cellSentence,
  type MatrixView,
  type MeasuredScore,
  type MechanismState,
  sensitivitySentence,
  statementsAgainst,
  statementsSource,
  strengthSentence,
} from '@nonet/matrix';
import type { ProjectReport } from '@nonet/matrix/evaluation';
import { Out } from '../shared/Out.tsx';
import { Table } from '../shared/Table.tsx';
import { Chip } from './Chip.tsx';
import { Strength } from './ScoreBar.tsx';
import { ageText, cellName, counted, freshnessText, intervalText, levelText } from './text.ts';

/** One cell at length: how, with which mechanisms, claimed by whom, on what evidence. */
export function CellPage({
  state,
  view,
  projects,
}: {
  state: CellState;
  view: MatrixView;
  projects: readonly ProjectReport[];
}) {
  const { cell, mechanisms, claims } = state;
  const statement = statementsAgainst(view.cells).find((each) => each.cell === cell.id);
  return (
    <>
      <header>
        <h1 tabIndex={-1}>{cellName(cell.id)}</h1>
        <p className="lead">{cellSentence(state)}</p>
        <p>{cell.explanation}</p>
        <p>
          <b>What keeps them apart:</b> {cell.friction}. <b>What shows that the guarantee is needed:</b>{' '}
          {cell.attack}.
        </p>
      </header>
      <section aria-labelledby="mechanisms">
        <h2 id="mechanisms">Mechanisms</h2>
        <Mechanisms mechanisms={mechanisms} />
      </section>
      <section aria-labelledby="claims">
        <h2 id="claims">Projects that claim it</h2>
        {claims.length === 0 ? <p>None of the catalogue.</p> : <Claims claims={claims} projects={projects} />}
      </section>
      <section aria-labelledby="score">
        <h2 id="score">What was measured</h2>
        <Measurements state={state} />
        <p className="note">{view.formula}.</p>
      </section>
      <section aria-labelledby="opinion">
        <h2 id="opinion">What the original analysis says</h2>
        {statement === undefined ? (
          <p>
            Of this cell nothing survived. The editor’s word is “{cell.baseline}”, a reconstruction, and
            nothing above is derived from it.
          </p>
        ) : (
          <p>
            It calls this {statement.says}: <q>{statement.quote}</q> (
            <Out href={statementsSource.url}>{statementsSource.title}</Out>, {statementsSource.dated}).{' '}
            <b>
              {statement.standing === 'open' ? 'Open so far' : `Evidence so far is ${statement.standing} it`}:
            </b>{' '}
            {statement.because}
          </p>
        )}
      </section>
    </>
  );
}

function Mechanisms({ mechanisms }: { mechanisms: readonly MechanismState[] }) {
  return (
    <Table
      caption="What can deliver it, whom it still trusts, and what it would take to be strong"
      columns={[
        {
          head: 'Mechanism',
          cell: ({ profile }) => (
            <>
              {profile.name} <span className="small">{profile.id}</span>
            </>
          ),
        },
        {
          head: 'In Nonet',
          cell: ({ status, confidence }) =>
            status === 'known'
              ? 'not in this version'
              : confidence === undefined
                ? 'built'
                : 'built and measured',
        },
        { head: 'Trusts', cell: ({ profile }) => profile.trust },
        {
          head: 'What is known',
          cell: ({ applies, score, parts, ceiling, protects }) => (
            <>
              {protects === undefined ? '' : `It protects ${protects}. `}
              {applies === true
                ? `Score ${intervalText(score)}; ${strengthSentence(parts, ceiling)}.`
                : `Does not apply here: ${applies}.`}
            </>
          ),
        },
      ]}
      rows={mechanisms}
      keyOf={({ profile }) => profile.id}
    />
  );
}

function Claims({ claims, projects }: { claims: readonly CellClaim[]; projects: readonly ProjectReport[] }) {
  const reportOf = (name: string) => projects.find(({ project }) => project.name === name);
  return (
    <Table
      caption="Best supported first; levels are of 4, and from level 2 others than the operator can see that it holds"
      columns={[
        {
          head: 'Project',
          cell: ({ project }) => {
            const report = reportOf(project);
            return report === undefined ? project : <a href={`#project/${report.project.id}`}>{project}</a>;
          },
        },
        { head: 'Verdict', cell: ({ verdict }) => <Chip verdict={verdict} /> },
        {
          head: 'Supported',
          cell: ({ level, ledger }) => `${levelText(level)}${ledger ? '' : ', without a ledger'}`,
        },
        { head: 'In its own words', cell: ({ quote }) => <q>{quote}</q> },
        {
          head: 'Sources',
          cell: ({ project }) => {
            const report = reportOf(project);
            return report === undefined ? 'not known' : freshnessText(report);
          },
        },
      ]}
      rows={claims}
      keyOf={({ project, quote }) => `${project} ${quote}`}
    />
  );
}

/** What the makers measured and ship, and what this installation measured, side by side. */
function Measurements({ state: { cell, shipped, measured, evidence, ageMonths } }: { state: CellState }) {
  return (
    <>
      <div className="sides">
        <div>
          <h3>By Nonet’s makers</h3>
          <Strength by="Score" score={shipped} />
          {shipped === undefined ? (
            <p className="note">Nothing of this cell ships with this version.</p>
          ) : (
            <>
              <Score score={shipped} />
              <p className="note">
                On {shipped.machine}, {shipped.date.slice(0, 10)}. Again with <code>{shipped.command}</code>.
              </p>
            </>
          )}
        </div>
        <div>
          <h3>By this installation</h3>
          <Strength by="Score" score={measured} />
          {measured === undefined ? (
            <p className="note">Nothing yet. One can measure: {cell.metrics.join('; ')}.</p>
          ) : (
            <>
              <Score score={measured} />
              <p className="note">
                {counted(evidence.length, 'record')}
                {ageMonths === undefined ? '' : `, the newest ${ageText(ageMonths)}`}.
              </p>
            </>
          )}
        </div>
      </div>
      <Records evidence={evidence} />
    </>
  );
}

function Score({ score: { by, ceiling, sensitivity } }: { score: MeasuredScore }) {
  return (
    <p>
      By {by}. {ceiling.because === '' ? '' : `Not above ${ceiling.value.toFixed(2)}: ${ceiling.because}. `}
      It lies {sensitivitySentence(sensitivity)}.
    </p>
  );
}

function Records({ evidence }: { evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return null;
  const shown = evidence.slice(0, 12);
  return (
    <details>
      <summary>{counted(evidence.length, 'record')} of this installation</summary>
      <ul className="records">
        {shown.map((record) => (
          <li key={`${record.sentence} ${record.date}`}>
            <p>{record.sentence}</p>
            <p className="figures">
              {Object.entries(record.figures)
                .slice(0, 6)
                .map(([name, { value, unit }]) => (
                  <span key={name}>
                    {name} {quantityText(value, unit)}
                  </span>
                ))}
            </p>
            <p className="small">
              {record.kind}
              {record.kind === 'assumption' ? '' : `, grade ${record.grade}`}, {record.date.slice(0, 10)}
            </p>
          </li>
        ))}
        {evidence.length > shown.length ? (
          <li className="small">and {counted(evidence.length - shown.length, 'more record')}</li>
        ) : null}
      </ul>
    </details>
  );
}
