/**
 * The pages of Nonet: a receipt, the matrix, the limits. Each is one HTML file that loads nothing.
 */
import type { LimitsPage } from './pages/limits/data.ts';
import type { MatrixPage } from './pages/matrix/data.ts';
import { renderPage } from './pages.ts';

export { renderReceiptPage } from './pages.ts';
export type { LimitsPage, MatrixPage };

/** Throws `page.notBuilt`. */
export function renderMatrixPage(page: MatrixPage, template?: string): string {
  return renderPage('matrix', JSON.stringify(page), template);
}

/** Throws `page.notBuilt`. */
export function renderLimitsPage(page: LimitsPage, template?: string): string {
  return renderPage('limits', JSON.stringify(page), template);
}
