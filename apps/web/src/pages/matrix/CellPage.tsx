import { quantityText } from '@nonet/core/receipt';
import type { Evidence } from '@nonet/core/records';
import { type CellState, type MatrixView, type MechanismState, strengthSentence } from '@nonet/matrix';
import type { ProjectReport } from '@nonet/matrix/evaluation';
import { wordTicks } from './Grid.tsx';
import { ScoreBar } from './ScoreBar.tsx';
import { ageText, cellName, intervalText } from './text.ts';

/** One cell at length: how, why not, with which mechanisms, on what evidence, claimed by whom. */
export function CellPage({
  state,
  view,
  projects,
}: {
  state: CellState;
  view: MatrixView;
  projects: readonly ProjectReport[];
}) {
  const { cell, measured, evidence, ageMonths, mechanisms, claims } = state;
  const idOf = (name: string) =>
    projects.find(({ project }) => project.name === name || project.id === name)?.project.id;
  return (
    <>
      <header>
        <p className="kicker">
          <a href="#matrix">Matrix</a>
        </p>
        <h1 tabIndex={-1}>{cellName(cell.id)}</h1>
        <p className="lead">{cell.explanation}</p>
        <p>
          <b>What keeps them apart:</b> {cell.friction}. <b>What shows that the guarantee is needed:</b>{' '}
          {cell.attack}.
        </p>
        <p className="note">
          It touches {cell.stages.join(', ')}. The editor’s word: {cell.baseline} (
          {cell.origin === 'stated'
            ? 'stated in the source'
            : 'reconstructed; the source’s table did not survive'}
          ).
        </p>
      </header>
      <section aria-labelledby="score">
        <h2 id="score">Measured here</h2>
        {measured === undefined ? (
          <p>Nothing yet, so there is no score. One can measure: {cell.metrics.join('; ')}.</p>
        ) : (
          <>
            <p>
              <b>{measured.words}</b>, {intervalText(measured.score)} on a scale of 0 to 1, by {measured.by}
              {ageMonths === undefined ? '' : `; the newest record is ${ageText(ageMonths)}`}.
            </p>
            <ScoreBar
              {...measured.score}
              ticks={wordTicks}
              label={`Score ${intervalText(measured.score)} of 1`}
            />
            <p className="note">{view.formula}.</p>
          </>
        )}
        <Records evidence={evidence} />
      </section>
      <section aria-labelledby="mechanisms">
        <h2 id="mechanisms">Mechanisms</h2>
        <Mechanisms mechanisms={mechanisms} />
      </section>
      <section aria-labelledby="claims">
        <h2 id="claims">Projects that claim it</h2>
        {claims.length === 0 ? <p>None of the catalogue.</p> : null}
        <ul className="records">
          {claims.map(({ project, quote, level, verdict }) => {
            const id = idOf(project);
            return (
              <li key={`${project} ${quote}`}>
                <p>
                  {id === undefined ? project : <a href={`#project/${id}`}>{project}</a>}: “{quote}”
                </p>
                <p className="small">
                  supported up to level {level.low}, open up to level {level.high}; {verdict}
                </p>
              </li>
            );
          })}
        </ul>
      </section>
    </>
  );
}

function Mechanisms({ mechanisms }: { mechanisms: readonly MechanismState[] }) {
  return (
    <ul className="records">
      {mechanisms.map(({ profile, status, protects, applies, parts, ceiling, score }) => (
        <li key={profile.id}>
          <h3>
            {profile.id}{' '}
            <span className="small">
              {status === 'built' ? 'in this installation' : 'not in this version'}
            </span>
          </h3>
          {protects === undefined ? null : <p>It protects {protects}.</p>}
          <p className="small">
            {applies === true
              ? `with what is known today ${intervalText(score)}; trusts ${profile.trust}; ${strengthSentence(parts, ceiling)}`
              : `does not apply here: ${applies}`}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Records({ evidence }: { evidence: readonly Evidence[] }) {
  if (evidence.length === 0) return null;
  const shown = evidence.slice(0, 12);
  return (
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
        <li className="small">and {evidence.length - shown.length} more records</li>
      ) : null}
    </ul>
  );
}
