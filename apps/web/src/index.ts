/** The pages of Nonet. */
export { renderReceiptPage } from './receiptPage.ts';
