/** Receipts: the evidence of a job in one file, its verification, and both in plain words. */
export * from './figureText.ts';
export * from './narrator.ts';
export * from './pieces.ts';
export * from './receipt.ts';
export * from './receiptView.ts';
export * from './verdictView.ts';
export * from './verifyReceipt.ts';
