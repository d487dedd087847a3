/** The pages of Nonet. */
export { renderPage, renderReceiptPage } from './pages.ts';
