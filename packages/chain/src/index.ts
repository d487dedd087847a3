/** The typed client of the contracts, on any EVM chain. The chain that comes along is `@nonet/chain/embedded`. */
export { type ConnectLedgerParameters, connectLedger } from './client.ts';
export {
  balanceOf,
  type DeployReturnType,
  deployContracts,
  feeCeiling,
  fund,
  returnFunds,
} from './deploy.ts';
