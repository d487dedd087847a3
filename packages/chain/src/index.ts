/**
 * The typed client of the contracts, on any EVM chain. The chain that comes along is
 * `@nonet/chain/embedded`.
 */
export { type ConnectLedgerParameters, connectLedger } from './client.ts';
export { type DeployReturnType, deployContracts } from './deploy.ts';
export { balanceOf, type ChainLocation, feeCeiling, fund, returnFunds } from './funds.ts';
export type { Confirmations } from './heads.ts';
export { redactUrl } from './nodeUrl.ts';
export type { LedgerNotice, OnNotice } from './rpc.ts';
