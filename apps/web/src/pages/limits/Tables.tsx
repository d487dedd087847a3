import type { BackTest as BackTestResult, LimitsView } from '@nonet/limits';
import { Scroll } from '../shared/Scroll.tsx';
import { flopWords, percentText } from './text.ts';

/** Where distance and links end a run, and how far the internet is behind. */
export function Movement({ movement }: Pick<LimitsView, 'movement'>) {
  return (
    <section aria-labelledby="movement">
      <h2 id="movement">Distance, links and the internet</h2>
      <Scroll label="Distance and links">
        <table>
          <tbody>
            {movement.map(({ label, flop, note }) => (
              <tr key={label}>
                <th scope="row" className="item">
                  {label}
                </th>
                <td>{flopWords(flop)}</td>
                <td className="words wide">{note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

/** Forecasts against what was recorded since. */
export function BackTest({ test }: { test: BackTestResult }) {
  return (
    <section aria-labelledby="backtest">
      <h2 id="backtest">Forecasts held to what happened</h2>
      <p>
        {test.scores.length} comparisons with {test.runs} {test.runs === 1 ? 'run' : 'runs'}:{' '}
        {percentText(test.coverage)} lay in the 80 % interval; mean CRPS {test.crpsDecades.toFixed(2)} decades
        of FLOP. So few say little.
      </p>
      <Scroll label="Forecasts and outcomes">
        <table>
          <thead>
            <tr>
              <th scope="col">Run</th>
              <th scope="col">found</th>
              <th scope="col">predicted, 80 %</th>
              <th scope="col" className="words">
                Forecast
              </th>
            </tr>
          </thead>
          <tbody>
            {test.scores.map(({ forecast, run, predicted, found, inside }) => (
              <tr key={`${forecast.title} ${run.name}`}>
                <th scope="row">{run.name}</th>
                <td>{flopWords(found)}</td>
                <td>
                  {flopWords(predicted.p10)} to {flopWords(predicted.p90)}, {inside ? 'inside' : 'outside'}
                </td>
                <td className="words wide">{forecast.title}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

/** Where texts are wrong or disagree with themselves. */
export function Differences({ view: { errata, inconsistencies, readings } }: { view: LimitsView }) {
  return (
    <section aria-labelledby="differences">
      <h2 id="differences">Where the sources are wrong, or leave it open</h2>
      <List title="The analysis from which the matrix comes" items={errata} />
      <List title="Epoch AI’s text with itself" items={inconsistencies} />
      <List title="How this model reads it" items={readings} />
    </section>
  );
}

function List({ title, items }: { title: string; items: LimitsView['errata'] }) {
  return (
    <details>
      <summary>{title}</summary>
      <ul className="records">
        {items.map(({ says, rather }) => (
          <li key={says}>
            <p>Says: {says}.</p>
            <p>Rather: {rather}.</p>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function Sources({ view: { sources } }: { view: LimitsView }) {
  return (
    <section aria-labelledby="sources">
      <h2 id="sources">Sources</h2>
      <ul className="records small">
        {sources.map(({ title, authors, url, date, licence }) => (
          <li key={title}>{[authors, title, date, url, licence].filter((part) => part !== '').join(', ')}</li>
        ))}
      </ul>
    </section>
  );
}
