import type { Standing, Status } from '@nonet/core/receipt';

/** One shape per status, so that it can be told without colour; the words stand beside it. */
const shapes: Readonly<Record<Status, React.ReactNode>> = {
  'checked here': (
    <>
      <circle cx="8" cy="8" r="7.25" className="filled" />
      <path d="M4.6 8.3l2.4 2.4 4.5-5" className="knocked" />
    </>
  ),
  'checked against': (
    <>
      <rect x="1" y="1" width="14" height="14" rx="2" className="filled" />
      <path d="M4.6 8.3l2.4 2.4 4.5-5" className="knocked" />
    </>
  ),
  'only stated': <circle cx="8" cy="8" r="6.5" className="outlined" />,
  undecided: (
    <>
      <circle cx="8" cy="8" r="6.5" className="outlined dashed" />
      <path d="M6.1 6.3a1.95 1.95 0 1 1 2.9 1.7c-.7.4-1 .8-1 1.5" className="outlined" />
      <circle cx="8" cy="11.6" r=".6" className="filled outlined" />
    </>
  ),
  failed: (
    <>
      <path d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5z" className="filled" />
      <path d="M5.2 5.2l5.6 5.6m0-5.6l-5.6 5.6" className="knocked" />
    </>
  ),
};

export function Mark({ status, words, detail }: Standing) {
  return (
    <span className="mark" data-status={status}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {shapes[status]}
      </svg>
      <span>
        <b>{words}</b>
        {detail === undefined ? null : <span className="detail">: {detail}</span>}
      </span>
    </span>
  );
}
