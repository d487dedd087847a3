/**
 * The limits as a page: shows what `nonet limits --html` computed, and computes again what the
 * reader asks. Runs in a browser, from a file.
 */
import { createRoot } from 'react-dom/client';
import { embeddedData } from '../shared/embeddedData.ts';
import { App } from './App.tsx';
import type { LimitsPage } from './data.ts';

// The page is one file with its data, written by one command: they are of one version.
createRoot(document.getElementById('page')!).render(
  <App page={embeddedData('limits') as LimitsPage | null} />,
);
