/**
 * The receipt page: reads the receipt that is embedded in the document as data, and shows it. Runs
 * in a browser, from a file.
 */
import { createRoot } from 'react-dom/client';
import { embeddedData } from '../shared/embeddedData.ts';
import { App } from './App.tsx';

createRoot(document.getElementById('page')!).render(<App initial={embeddedData('receipt')} />);
