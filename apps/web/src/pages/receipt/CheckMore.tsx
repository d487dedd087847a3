import { type ChangeEvent, useId } from 'react';

interface CheckMoreProps {
  /** The receipt on show as text, if there is one to save. */
  readonly json: string | undefined;
  /** What came of the last files. */
  readonly message: string;
  readonly onFiles: (files: readonly File[]) => void;
}

/**
 * Where a reader brings in files. Dropping works anywhere on the page; these are its keyboard
 * equals.
 */
export function CheckMore({ json, message, onFiles }: CheckMoreProps) {
  return (
    <section aria-labelledby="more" className="more">
      <h2 id="more">{json === undefined ? 'Choose a receipt' : 'Check more'}</h2>
      <p>
        {json === undefined ? (
          <>
            Drop a <code>receipt.json</code> anywhere on this page, and the files of its run if you have them.{' '}
          </>
        ) : (
          <>
            Drop files anywhere on this page: the folder with the files of the run (<code>blobs</code>), so
            that more of this receipt can be computed again, or another <code>receipt.json</code>, to check
            that one.{' '}
          </>
        )}
        Nothing is uploaded; this page has no connection to anywhere.
      </p>
      <div className="buttons">
        <Choose label="Choose a folder of the run" folder onFiles={onFiles} />
        <Choose label="Choose files or another receipt" onFiles={onFiles} />
        {json === undefined ? null : (
          <button type="button" onClick={() => save(json)}>
            Save this receipt as a file
          </button>
        )}
      </div>
      <p role="status" className="note">
        {message}
      </p>
    </section>
  );
}

interface ChooseProps {
  readonly label: string;
  readonly folder?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

function Choose({ label, folder = false, onFiles }: ChooseProps) {
  const id = useId();
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles([...(event.target.files ?? [])]);
    event.target.value = '';
  };
  return (
    <span className="choose">
      <input
        id={id}
        type="file"
        multiple
        onChange={choose}
        ref={(input) => {
          if (input !== null) input.webkitdirectory = folder;
        }}
      />
      <label htmlFor={id}>{label}</label>
    </span>
  );
}

function save(json: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([json], { type: 'application/json' }));
  link.download = 'receipt.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
