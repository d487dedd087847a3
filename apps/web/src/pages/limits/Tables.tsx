import { type BackTest as BackTestResult, type LimitsView, supplyText } from '@nonet/limits';
import { Out } from '../shared/Out.tsx';
import { Table } from '../shared/Table.tsx';
import { flopWords, numberWords, percentText } from './text.ts';

/** Where distance and links end a run, and how far the internet is behind. */
export function Movement({ movement }: Pick<LimitsView, 'movement'>) {
  return (
    <section aria-labelledby="movement">
      <h2 id="movement">Distance, links and the internet</h2>
      <Table
        caption="The largest run that distance and links allow"
        columns={[
          { head: 'Where', cell: ({ label }) => label },
          { head: 'FLOP', numbers: true, cell: ({ flop }) => flopWords(flop) },
          { head: 'Because', cell: ({ note }) => note },
        ]}
        rows={movement}
        keyOf={({ label }) => label}
      />
    </section>
  );
}

/** The published sets of inputs side by side: how much, and what decides. */
export function InputSets({ sets, year }: Pick<LimitsView, 'sets' | 'year'>) {
  if (sets.length === 0) return null;
  const share = (id: 'power' | 'chips' | 'data' | 'latency') => ({
    head: `${id} binds`,
    numbers: true as const,
    cell: ({ binding }: (typeof sets)[number]) => percentText(binding[id]),
  });
  return (
    <section aria-labelledby="sets">
      <h2 id="sets">By what was known when</h2>
      <Table
        caption={`Published sets of inputs, for ${year}: how large a run, and what holds it back`}
        columns={[
          { head: 'Inputs', cell: ({ title }) => title },
          { head: 'Median, FLOP', numbers: true, cell: ({ flop }) => flopWords(flop.p50) },
          { head: 'Times GPT-4', numbers: true, cell: ({ timesGpt4 }) => numberWords(timesGpt4.p50) },
          share('power'),
          share('chips'),
          share('data'),
          share('latency'),
          { head: 'Chips are held by', cell: ({ supply }) => supplyText(supply) },
        ]}
        rows={sets}
        keyOf={({ id }) => id}
      />
    </section>
  );
}

/** The inputs of 2024 against what was seen since. */
export function Priors({ priors: { observations, summary } }: Pick<LimitsView, 'priors'>) {
  return (
    <section aria-labelledby="priors">
      <h2 id="priors">The inputs of 2024 held to what was seen since</h2>
      <p>{summary}</p>
      <Table
        caption="What was foreseen, and what was seen"
        columns={[
          { head: 'Quantity', cell: ({ quantity, unit }) => `${quantity}, ${unit}` },
          { head: 'Seen', numbers: true, cell: ({ observed }) => numberWords(observed) },
          { head: 'Foreseen, 10 %', numbers: true, cell: ({ predicted }) => numberWords(predicted.p10) },
          { head: 'median', numbers: true, cell: ({ predicted }) => numberWords(predicted.p50) },
          { head: '90 %', numbers: true, cell: ({ predicted }) => numberWords(predicted.p90) },
          { head: 'It ran', cell: ({ ran }) => ran },
          { head: 'Who saw it', cell: ({ source }) => source },
        ]}
        rows={observations}
        keyOf={({ quantity }) => quantity}
      />
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
      <Table
        caption="Each forecast with the run that it was compared with"
        columns={[
          { head: 'Run', cell: ({ run }) => run.name },
          { head: 'Found', numbers: true, cell: ({ found }) => flopWords(found) },
          {
            head: 'Predicted, 80 %',
            cell: ({ predicted, inside }) =>
              `${flopWords(predicted.p10)} to ${flopWords(predicted.p90)}, ${inside ? 'inside' : 'outside'}`,
          },
          { head: 'Forecast', cell: ({ forecast }) => forecast.title },
        ]}
        rows={test.scores}
        keyOf={({ forecast, run }) => `${forecast.title} ${run.name}`}
      />
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
          <li key={title}>
            {authors === '' ? '' : `${authors}, `}
            <Out href={/^https:\/\//.test(url) ? url : undefined}>{title}</Out>
            {[date, licence]
              .filter((part) => part !== '')
              .map((part) => `, ${part}`)
              .join('')}
          </li>
        ))}
      </ul>
    </section>
  );
}
