import { firstYearOf, type LimitsRequest, lastYear, type Scenario, scenarios } from '@nonet/limits';
import { useId } from 'react';
import { timesText } from './text.ts';

/** Published scenarios, and the one that the page came with if it is another. */
function choices(own: Scenario): readonly Scenario[] {
  const published = Object.values(scenarios);
  return published.some(({ id }) => id === own.id) ? published : [own, ...published];
}

/**
 * What the reader may ask: scenario, year, and what privacy, verification and federated learning
 * change.
 */
export function Controls({
  own,
  request,
  onChange,
}: {
  own: Scenario;
  request: LimitsRequest;
  onChange: (request: LimitsRequest) => void;
}) {
  const { scenario, year, coupling } = request;
  const offered = choices(own);
  const couple = (change: Partial<LimitsRequest['coupling']>) =>
    onChange({ ...request, coupling: { ...coupling, ...change } });
  const name = useId();
  return (
    <form className="controls" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor={name}>
        Scenario
        <select
          id={name}
          value={scenario.id}
          onChange={({ target }) => {
            const chosen = offered.find(({ id }) => id === target.value)!;
            onChange({ ...request, scenario: chosen, year: Math.max(year, firstYearOf(chosen)) });
          }}
        >
          {offered.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <Slider
        label="Start of the year"
        shown={String(year)}
        min={firstYearOf(scenario)}
        max={lastYear}
        step={1}
        value={year}
        onChange={(value) => onChange({ ...request, year: value })}
      />
      <Slider
        label="Computing per useful FLOP, for privacy and verification"
        shown={timesText(coupling.overhead)}
        min={0}
        max={4}
        step={0.05}
        value={Math.log10(coupling.overhead)}
        onChange={(value) =>
          couple({
            overhead: value === 0 ? 1 : Number((10 ** value).toPrecision(2)),
            overheadFrom: value === 0 ? 'none was chosen' : 'chosen by the reader',
          })
        }
      />
      <Slider
        label="Private text that takes part, by federated learning"
        shown={`${Math.round(100 * coupling.privateDataShare)} %`}
        min={0}
        max={1}
        step={0.01}
        value={coupling.privateDataShare}
        onChange={(value) => couple({ privateDataShare: value })}
      />
      <Slider
        label="Chips that can attest, if the whole run must"
        shown={coupling.teeShare === undefined ? 'not asked' : `${Math.round(100 * coupling.teeShare)} %`}
        min={0}
        max={1}
        step={0.01}
        value={coupling.teeShare ?? 0}
        onChange={(value) => {
          const { teeShare: _, ...others } = coupling;
          onChange({ ...request, coupling: value === 0 ? others : { ...others, teeShare: value } });
        }}
      />
    </form>
  );
}

function Slider({
  label,
  shown,
  onChange,
  ...range
}: {
  label: string;
  shown: string;
  min: number;
  max: number;
  step: number;
  value: number;
  onChange: (value: number) => void;
}) {
  const id = useId();
  return (
    <label htmlFor={id}>
      <span>
        {label}: <output htmlFor={id}>{shown}</output>
      </span>
      <input
        id={id}
        type="range"
        {...range}
        aria-valuetext={shown}
        onChange={({ target }) => onChange(Number(target.value))}
      />
    </label>
  );
}
