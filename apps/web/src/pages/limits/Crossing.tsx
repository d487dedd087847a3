import type { LimitsView } from '@nonet/limits';
import { Table } from '../shared/Table.tsx';
import { flopWords, numberWords, percentText } from './text.ts';

/** When the trend of the largest runs meets the limits. */
export function Crossing({ view: { crossing, trendFrom } }: { view: LimitsView }) {
  const when = (year: number | undefined) =>
    year === undefined ? 'not before 2035' : `in ${year.toFixed(1)}`;
  return (
    <section aria-labelledby="crossing">
      <h2 id="crossing">When the trend meets the limits</h2>
      <p>
        A run on the trend becomes less likely than not {when(crossing.belowHalf)}, and less likely than one
        in ten {when(crossing.belowTenth)}.
      </p>
      <Table
        caption="The trend by year, in FLOP"
        columns={[
          { head: 'Start of', numbers: true, cell: ({ year }) => year },
          { head: 'Run on the trend', numbers: true, cell: ({ trendFlop }) => flopWords(trendFlop) },
          { head: 'Possible, median', numbers: true, cell: ({ jointMedian }) => flopWords(jointMedian) },
          { head: 'Likely to be possible', numbers: true, cell: ({ feasible }) => percentText(feasible) },
        ]}
        rows={crossing.years}
        keyOf={({ year }) => String(year)}
      />
      <p className="note">{trendFrom}</p>
    </section>
  );
}

/** What must be true for a target, one parameter at a time. */
export function Inversion({ view: { inversion } }: { view: LimitsView }) {
  if (inversion === undefined) return null;
  const { flop, probability, now, reach, levers, loosenings } = inversion;
  return (
    <section aria-labelledby="inversion">
      <h2 id="inversion">
        What must be true for {flopWords(flop)} FLOP at {percentText(probability)}
      </h2>
      <p>
        As things stand it is {percentText(now)}: {reach}.
      </p>
      <ul className="records">
        {loosenings.slice(0, 3).map(({ constraints, factor }) => (
          <li key={constraints.join()}>
            {constraints.join(' and ')} {factor.toLocaleString('en', { maximumSignificantDigits: 2 })} times
            looser would do
          </li>
        ))}
      </ul>
      {levers.length === 0 ? null : (
        <Table
          caption="One parameter at a time"
          columns={[
            {
              head: 'If this alone moved',
              cell: ({ about, unit }) => `${about}${unit === '' ? '' : `, ${unit}`}`,
            },
            { head: 'From', numbers: true, cell: ({ median }) => numberWords(median) },
            {
              head: 'To',
              numbers: true,
              cell: ({ needed }) => (needed === undefined ? 'not alone' : numberWords(needed)),
            },
          ]}
          rows={levers}
          keyOf={({ parameter }) => parameter}
        />
      )}
    </section>
  );
}
