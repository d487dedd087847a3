/** The receipt page: reads the receipt that stands in the document as data, and shows it. Runs in a browser, from a file. */
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';

function embeddedReceipt(): unknown {
  try {
    return JSON.parse(document.getElementById('receipt')?.textContent ?? 'null');
  } catch {
    return 'not JSON';
  }
}

createRoot(document.getElementById('page')!).render(<App initial={embeddedReceipt()} />);
