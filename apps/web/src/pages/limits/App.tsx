import type { LimitsView } from '@nonet/limits';
import { useState } from 'react';
import { Curve } from '../shared/Curve.tsx';
import { Quantiles } from '../shared/Quantiles.tsx';
import { Scroll } from '../shared/Scroll.tsx';
import { Controls } from './Controls.tsx';
import { Crossing, Inversion } from './Crossing.tsx';
import type { LimitsPage } from './data.ts';
import { BackTest, Differences, InputSets, Movement, Priors, Sources } from './Tables.tsx';
import { Tornado } from './Tornado.tsx';
import { flopWords, numberWords, percentText } from './text.ts';
import { useLimits } from './useLimits.ts';

const gpt4 = 2e25;
/** Draws for a slider that is moved: a result in about a second, its second digit good. */
const draws = 20_000;

export function App({ page }: { page: LimitsPage | null }) {
  return (
    <main>
      {page === null ? <Empty /> : <Limits page={page} />}
      <footer>
        <p>
          Nonet. This page is one file, loads nothing and sends nothing: what you ask with the sliders is
          computed in your browser, by the code that <code>nonet limits</code> runs.
        </p>
      </footer>
    </main>
  );
}

function Limits({ page }: { page: LimitsPage }) {
  const [request, setRequest] = useState(page.request);
  const { view, progress, refusal } = useLimits(page, request);
  return (
    <>
      <header>
        <p className="kicker">Limits</p>
        <h1>How far can AI training scale by {view.year}?</h1>
        <p className="lead">{view.hero}</p>
        <p>{view.headline}</p>
        <p className="note">
          {view.draws.toLocaleString('en')} draws, seed {view.seed}; result {view.address.slice(0, 18)}…
        </p>
      </header>
      <Controls
        own={page.request.scenario}
        request={request}
        onChange={(next) => setRequest({ ...next, draws })}
      />
      <p role="status" className="note status">
        {refusal !== undefined
          ? refusal
          : progress === undefined
            ? 'Computed.'
            : `Computing … ${percentText(progress)}`}
      </p>
      <div aria-busy={progress !== undefined}>
        <Constraints view={view} />
        <InputSets sets={view.sets} />
        <Exceedance view={view} />
        <Drivers view={view} />
        <Crossing view={view} />
        <Inversion view={view} />
        <Movement movement={view.movement} />
        <Priors priors={view.priors} />
        <BackTest test={view.backTest} />
      </div>
      <Differences view={view} />
      <Sources view={view} />
    </>
  );
}

function Constraints({ view }: { view: LimitsView }) {
  const rows = view.bars.map(({ id, label, flop }) => ({ name: label, ...flop, strong: id === 'joint' }));
  return (
    <section aria-labelledby="constraints">
      <h2 id="constraints">Four constraints, and all of them together</h2>
      <Quantiles
        rows={rows}
        marks={[{ at: gpt4, name: 'GPT-4' }]}
        unit="FLOP of one training run, 10th to 90th percentile"
        summary={`${rows.map(({ name, p50 }) => `${name} ${flopWords(p50)}`).join(', ')}. The table has every number.`}
      />
      <Scroll label="The constraints">
        <table>
          <thead>
            <tr>
              <th scope="col">Constraint</th>
              <th scope="col">10 %</th>
              <th scope="col">median</th>
              <th scope="col">90 %</th>
              <th scope="col">times GPT-4</th>
              <th scope="col">binds in</th>
            </tr>
          </thead>
          <tbody>
            {view.bars.map(({ id, label, flop, timesGpt4, binding }) => (
              <tr key={id} className={id === 'joint' ? 'fewer' : undefined}>
                <th scope="row">{label}</th>
                <td>{flopWords(flop.p10)}</td>
                <td>{flopWords(flop.p50)}</td>
                <td>{flopWords(flop.p90)}</td>
                <td>{numberWords(timesGpt4.p50)}</td>
                <td>{binding === undefined ? '' : percentText(binding)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <ul className="records">
        {view.coupling.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <details>
        <summary>Physical quantities behind them</summary>
        <Scroll label="Physical quantities">
          <table>
            <tbody>
              {view.bars.flatMap(({ quantities }) =>
                quantities.map(({ id, label, unit, values }) => (
                  <tr key={id}>
                    <th scope="row">{label}</th>
                    <td>{numberWords(values.p10)}</td>
                    <td>{numberWords(values.p50)}</td>
                    <td>{numberWords(values.p90)}</td>
                    <td className="words">{unit}</td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </Scroll>
      </details>
    </section>
  );
}

function Exceedance({ view }: { view: LimitsView }) {
  const points = view.exceedance.map(({ flop, joint }) => ({ x: flop, probability: joint }));
  const tenThousand = points.find(({ x }) => Math.abs(x / gpt4 - 1e4) < 1);
  return (
    <section aria-labelledby="exceedance">
      <h2 id="exceedance">How likely is how much</h2>
      <Curve
        points={points}
        unit="FLOP"
        summary="Probability that a run of so much FLOP is possible under all four constraints. The table has every number."
        {...(tenThousand === undefined
          ? {}
          : {
              mark: { ...tenThousand, name: `10,000 times GPT-4: ${percentText(tenThousand.probability)}` },
            })}
      />
      <details>
        <summary>As a table</summary>
        <Scroll label="Probabilities">
          <table>
            <thead>
              <tr>
                <th scope="col">At least</th>
                <th scope="col">all four</th>
                {(['power', 'chips', 'data', 'latency'] as const).map((id) => (
                  <th key={id} scope="col">
                    {id}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {view.exceedance.map(({ flop, joint, each }) => (
                <tr key={flop}>
                  <th scope="row">{flopWords(flop)}</th>
                  <td>{percentText(joint)}</td>
                  {(['power', 'chips', 'data', 'latency'] as const).map((id) => (
                    <td key={id}>{percentText(each[id])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </section>
  );
}

function Drivers({ view }: { view: LimitsView }) {
  const drivers = view.drivers.slice(0, 10);
  const median = view.bars.find(({ id }) => id === 'joint')!.flop.p50;
  return (
    <section aria-labelledby="drivers">
      <h2 id="drivers">What decides</h2>
      <Tornado drivers={drivers} median={median} />
      <details>
        <summary>As a table, with what the estimates rest on</summary>
        <Scroll label="Parameters">
          <table>
            <thead>
              <tr>
                <th scope="col">Parameter</th>
                <th scope="col">10 %</th>
                <th scope="col">median</th>
                <th scope="col">90 %</th>
                <th scope="col">rank correlation</th>
                <th scope="col" className="words">
                  From
                </th>
              </tr>
            </thead>
            <tbody>
              {view.drivers.map(({ parameter, about, unit, estimate, rank, from, ageYears }) => (
                <tr key={parameter}>
                  <th scope="row" className="item">
                    {about}
                    {unit === '' ? '' : `, ${unit}`}
                  </th>
                  <td>{numberWords(estimate.p10)}</td>
                  <td>{numberWords(estimate.p50)}</td>
                  <td>{numberWords(estimate.p90)}</td>
                  <td>{rank.toFixed(2)}</td>
                  <td className="words wide">
                    {from}
                    {ageYears === undefined ? '' : `; ${ageYears.toFixed(1)} years old`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </section>
  );
}

function Empty() {
  return (
    <header>
      <p className="kicker">Limits</p>
      <h1>This page holds no result yet</h1>
      <p className="lead">
        <code>nonet limits --html</code> writes one.
      </p>
    </header>
  );
}
