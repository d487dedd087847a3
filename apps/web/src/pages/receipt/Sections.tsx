import type { ItemView, SectionView, TrustView } from '@nonet/core/receipt';
import { Mark } from '../shared/Mark.tsx';

/**
 * Proven, measured, observed: one list each. What is assumed is told under whom one has to trust.
 */
export function Sections({ sections }: { sections: readonly SectionView[] }) {
  return (
    <section aria-labelledby="records">
      <h2 id="records">What this receipt says</h2>
      {sections
        .filter(({ kind }) => kind !== 'assumed')
        .map(({ kind, title, explanation, items }) => (
          <div key={kind} className="kind">
            <h3>{title}</h3>
            <p className="note">{explanation}</p>
            <ul className="records">
              {items.map((item) => (
                <Item key={item.number} {...item} />
              ))}
            </ul>
          </div>
        ))}
    </section>
  );
}

function Item({ sentence, figures, source, status, words, detail }: ItemView) {
  return (
    <li>
      <p>{sentence}</p>
      {figures.length === 0 ? null : (
        <ul className="figures">
          {figures.map(({ label, text }) => (
            <li key={label + text}>
              {label === '' ? null : <span>{label} </span>}
              {text}
            </li>
          ))}
        </ul>
      )}
      {source === undefined ? null : <p className="note">Source: {source}</p>}
      <Mark status={status} words={words} {...(detail === undefined ? {} : { detail })} />
    </li>
  );
}

export function Trust({ trust }: { trust: readonly TrustView[] }) {
  return (
    <section aria-labelledby="trust">
      <h2 id="trust">Whom you still have to trust, and what would break it</h2>
      <dl className="trust">
        {trust.map(({ whom, sentence, breaks }) => (
          <div key={whom + sentence}>
            <dt>{whom}</dt>
            <dd>{sentence}</dd>
            <dd className="breaks">
              <b>What would break it:</b> {breaks}
            </dd>
          </div>
        ))}
        <div>
          <dt>This page</dt>
          <dd>It came with the receipt, and its maker could have altered either.</dd>
          <dd className="breaks">
            <b>What would break it:</b> The page shows marks that it did not earn. To rule that out, save the
            receipt below and check it with a copy of this page that you got elsewhere, or with{' '}
            <code>nonet verify receipt.json</code>.
          </dd>
        </div>
      </dl>
    </section>
  );
}
