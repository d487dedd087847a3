import { type BackTest as BackTestResult, type LimitsView, supplyText } from '@nonet/limits';
import { Scroll } from '../shared/Scroll.tsx';
import { flopWords, numberWords, percentText } from './text.ts';

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

/** The published sets of inputs side by side: how much, and what decides. */
export function InputSets({ sets }: Pick<LimitsView, 'sets'>) {
  if (sets.length === 0) return null;
  return (
    <section aria-labelledby="sets">
      <h2 id="sets">By what was known when</h2>
      <Scroll label="Sets of inputs">
        <table>
          <thead>
            <tr>
              <th scope="col">Inputs</th>
              <th scope="col">median</th>
              <th scope="col">times GPT-4</th>
              {(['power', 'chips', 'data', 'latency'] as const).map((id) => (
                <th key={id} scope="col">
                  {id}
                </th>
              ))}
              <th scope="col" className="words">
                Chips are held by
              </th>
            </tr>
          </thead>
          <tbody>
            {sets.map(({ id, title, flop, timesGpt4, binding, supply }) => (
              <tr key={id}>
                <th scope="row" className="item">
                  {title}
                </th>
                <td>{flopWords(flop.p50)}</td>
                <td>{numberWords(timesGpt4.p50)}</td>
                {(['power', 'chips', 'data', 'latency'] as const).map((each) => (
                  <td key={each}>{percentText(binding[each])}</td>
                ))}
                <td className="words">{supplyText(supply)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

/** The inputs of 2024 against what was seen since. */
export function Priors({ priors: { observations, summary } }: Pick<LimitsView, 'priors'>) {
  return (
    <section aria-labelledby="priors">
      <h2 id="priors">The inputs of 2024 held to what was seen since</h2>
      <p>{summary}</p>
      <Scroll label="Inputs and observations">
        <table>
          <thead>
            <tr>
              <th scope="col">Quantity</th>
              <th scope="col">seen</th>
              <th scope="col">foreseen, 10 %</th>
              <th scope="col">median</th>
              <th scope="col">90 %</th>
              <th scope="col">ran</th>
              <th scope="col" className="words">
                Who saw it
              </th>
            </tr>
          </thead>
          <tbody>
            {observations.map(({ quantity, unit, observed, predicted, ran, source }) => (
              <tr key={quantity}>
                <th scope="row" className="item">
                  {quantity}, {unit}
                </th>
                <td>{numberWords(observed)}</td>
                <td>{numberWords(predicted.p10)}</td>
                <td>{numberWords(predicted.p50)}</td>
                <td>{numberWords(predicted.p90)}</td>
                <td>{ran}</td>
                <td className="words wide">{source}</td>
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
