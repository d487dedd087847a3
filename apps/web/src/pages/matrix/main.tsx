/**
 * The matrix as a page: reads what `nonet matrix --html` put into the document. Runs in a browser,
 * from a file.
 */
import { createRoot } from 'react-dom/client';
import { embeddedData } from '../shared/embeddedData.ts';
import { App } from './App.tsx';
import type { MatrixPage } from './data.ts';

// The page is one file with its data, written by one command: they are of one version.
createRoot(document.getElementById('page')!).render(
  <App page={embeddedData('matrix') as MatrixPage | null} />,
);
