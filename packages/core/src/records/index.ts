/** Jobs, evidence, receipts and their verification. */
export * from './evidence.ts';
export { figureLabel, figureText, quantityText } from './figureText.ts';
export * from './job.ts';
export * from './mechanism.ts';
export { parseRecord } from './parse.ts';
export * from './receipt.ts';
export * from './receiptView.ts';
export * from './verdictView.ts';
export * from './verifyReceipt.ts';
