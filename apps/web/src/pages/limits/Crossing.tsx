import type { LimitsView } from '@nonet/limits';
import { Scroll } from '../shared/Scroll.tsx';
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
      <Scroll label="The trend by year">
        <table>
          <thead>
            <tr>
              <th scope="col">Start of</th>
              <th scope="col">run on the trend</th>
              <th scope="col">possible, median</th>
              <th scope="col">likely to be possible</th>
            </tr>
          </thead>
          <tbody>
            {crossing.years.map(({ year, trendFlop, jointMedian, feasible }) => (
              <tr key={year}>
                <th scope="row">{year}</th>
                <td>{flopWords(trendFlop)}</td>
                <td>{flopWords(jointMedian)}</td>
                <td>{percentText(feasible)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
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
        <Scroll label="Parameters one at a time">
          <table>
            <thead>
              <tr>
                <th scope="col">If this alone moved</th>
                <th scope="col">from</th>
                <th scope="col">to</th>
              </tr>
            </thead>
            <tbody>
              {levers.map(({ parameter, about, unit, ...lever }) => (
                <tr key={parameter}>
                  <th scope="row" className="item">
                    {about}
                    {unit === '' ? '' : `, ${unit}`}
                  </th>
                  <td>{numberWords(lever.median)}</td>
                  <td>{lever.needed === undefined ? 'not alone' : numberWords(lever.needed)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
