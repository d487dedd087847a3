import type { LimitsView } from '@nonet/limits';
import { Curve } from '../shared/Curve.tsx';
import { PageFrame } from '../shared/PageFrame.tsx';
import { Quantiles } from '../shared/Quantiles.tsx';
import { Table } from '../shared/Table.tsx';
import { Controls } from './Controls.tsx';
import { Crossing, Inversion } from './Crossing.tsx';
import type { LimitsPage } from './data.ts';
import { BackTest, Differences, InputSets, Movement, Priors, Sources } from './Tables.tsx';
import { Tornado } from './Tornado.tsx';
import { flopWords, numberWords, percentText } from './text.ts';
import { useLimits } from './useLimits.ts';
import { useRequest } from './useRequest.ts';

const gpt4 = 2e25;
const constraints = ['power', 'chips', 'data', 'latency'] as const;

export function App({ page }: { page: LimitsPage | null }) {
  return (
    <PageFrame footer="Nonet. This page is one file, loads nothing and sends nothing: what you ask with the sliders is computed in your browser, by the code that `nonet limits` runs.">
      {page === null ? <Empty /> : <Limits page={page} />}
    </PageFrame>
  );
}

function Limits({ page }: { page: LimitsPage }) {
  const [request, setRequest] = useRequest(page.request);
  const { view, progress, refusal } = useLimits(page, request);
  return (
    <>
      <header>
        <h1>How far can AI training scale by {view.year}?</h1>
        <p className="lead">{view.hero}</p>
        <p>{view.headline}</p>
        <p className="note">
          {view.draws.toLocaleString('en')} draws, seed {view.seed}; result {view.address.slice(0, 18)}…
        </p>
      </header>
      <Controls own={page.request.scenario} request={request} onChange={setRequest} />
      <p role="status" className="note status">
        {refusal !== undefined
          ? refusal
          : progress === undefined
            ? 'Computed.'
            : `Computing … ${percentText(progress)}`}
      </p>
      <div aria-busy={progress !== undefined}>
        <Constraints view={view} />
        <InputSets {...(view.sets.length > 0 ? view : page.view)} />
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
        unit="FLOP of one training run"
        summary={`${rows.map(({ name, p50 }) => `${name} ${flopWords(p50)}`).join(', ')}. The table has every number.`}
      />
      <Table
        caption={`The largest training run by the start of ${view.year}, in FLOP`}
        columns={[
          { head: 'Constraint', cell: ({ label }) => label },
          { head: '10 %', numbers: true, cell: ({ flop }) => flopWords(flop.p10) },
          { head: 'Median', numbers: true, cell: ({ flop }) => flopWords(flop.p50) },
          { head: '90 %', numbers: true, cell: ({ flop }) => flopWords(flop.p90) },
          { head: 'Times GPT-4', numbers: true, cell: ({ timesGpt4 }) => numberWords(timesGpt4.p50) },
          {
            head: 'Binds in',
            numbers: true,
            cell: ({ binding }) => (binding === undefined ? '–' : percentText(binding)),
          },
        ]}
        rows={view.bars}
        keyOf={({ id }) => id}
        classOf={({ id }) => (id === 'joint' ? 'strong' : undefined)}
      />
      <ul className="records">
        {view.coupling.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <details>
        <summary>Physical quantities behind them</summary>
        <Table
          caption="Medians with their 10th and 90th percentiles"
          columns={[
            { head: 'Quantity', cell: ({ label, unit }) => `${label}, ${unit}` },
            { head: '10 %', numbers: true, cell: ({ values }) => numberWords(values.p10) },
            { head: 'Median', numbers: true, cell: ({ values }) => numberWords(values.p50) },
            { head: '90 %', numbers: true, cell: ({ values }) => numberWords(values.p90) },
          ]}
          rows={view.bars.flatMap(({ quantities }) => quantities)}
          keyOf={({ id }) => id}
        />
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
        <Table
          caption="Probability that a run of at least so much FLOP is possible"
          columns={[
            { head: 'At least', numbers: true, cell: ({ flop }) => flopWords(flop) },
            { head: 'All four', numbers: true, cell: ({ joint }) => percentText(joint) },
            ...constraints.map((id) => ({
              head: id,
              numbers: true as const,
              cell: ({ each }: LimitsView['exceedance'][number]) => percentText(each[id]),
            })),
          ]}
          rows={view.exceedance}
          keyOf={({ flop }) => String(flop)}
        />
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
        <Table
          caption="Parameters by how strongly they move the result"
          columns={[
            { head: 'Parameter', cell: ({ about, unit }) => `${about}${unit === '' ? '' : `, ${unit}`}` },
            { head: '10 %', numbers: true, cell: ({ estimate }) => numberWords(estimate.p10) },
            { head: 'Median', numbers: true, cell: ({ estimate }) => numberWords(estimate.p50) },
            { head: '90 %', numbers: true, cell: ({ estimate }) => numberWords(estimate.p90) },
            { head: 'Rank correlation', numbers: true, cell: ({ rank }) => rank.toFixed(2) },
            {
              head: 'From',
              cell: ({ from, ageYears }) =>
                `${from}${ageYears === undefined ? '' : `; ${ageYears.toFixed(1)} years old`}`,
            },
          ]}
          rows={view.drivers}
          keyOf={({ parameter }) => parameter}
        />
      </details>
    </section>
  );
}

function Empty() {
  return (
    <header>
      <h1>This page holds no result yet</h1>
      <p className="lead">
        <code>nonet limits --html</code> writes one.
      </p>
    </header>
  );
}
