/**
 * What anvil 1.7.1 answers besides the methods that the proxy offers: asked for one by one with
 * names from its documentation and binary.
 */
const names: Readonly<Record<string, string>> = {
  anvil:
    'addBalance autoImpersonateAccount dealERC20 dropAllTransactions dropTransaction dumpState getAutomine getBlobByHash getBlobsByTransactionHash getGenesisTime getIntervalMining impersonateAccount impersonateSignature increaseTime loadState metadata mine mine_detailed nodeInfo removeBlockTimestampInterval removePoolTransactions reorg reset revert rollback setAutomine setBalance setBlockGasLimit setBlockTimestampInterval setChainId setCode setCoinbase setERC20Allowance setERC20Balance setFeeAmmLiquidity setFeeToken setIntervalMining setLoggingEnabled setMinGasPrice setNextBlockBaseFeePerGas setNextBlockTimestamp setNonce setRpcUrl setStorageAt setTime snapshot stopImpersonatingAccount',
  debug: 'codeByHash dbGet getRawTransaction traceBlockByHash traceBlockByNumber traceCall traceTransaction',
  erigon: 'getHeaderByNumber',
  eth: 'accounts blobBaseFee coinbase config createAccessList fillTransaction getAccount getAccountInfo getBlockReceipts getBlockTransactionCountByHash getBlockTransactionCountByNumber getFilterChanges getFilterLogs getProof getRawTransactionByBlockHashAndIndex getRawTransactionByBlockNumberAndIndex getRawTransactionByHash getStorageValues getTransactionByBlockHashAndIndex getTransactionByBlockNumberAndIndex getTransactionBySenderAndNonce getUncleByBlockHashAndIndex getUncleByBlockNumberAndIndex getUncleCountByBlockHash getUncleCountByBlockNumber getWork hashrate newBlockFilter newFilter newPendingTransactionFilter protocolVersion requestAccounts sendRawTransactionSync sendTransaction sendTransactionSync sendUnsignedTransaction sign signTransaction signTypedData signTypedData_v3 signTypedData_v4 simulateV1 submitHashrate submitWork syncing uninstallFilter',
  evm: 'increaseTime mine mine_detailed revert setAccountNonce setAutomine setBlockGasLimit setIntervalMining setNextBlockTimestamp setTime snapshot',
  hardhat:
    'addBalance autoImpersonateAccount dealERC20 dropAllTransactions dropTransaction dumpState getAutomine impersonateAccount loadState metadata mine reset setBalance setCode setCoinbase setLoggingEnabled setMinGasPrice setNextBlockBaseFeePerGas setNonce setStorageAt stopImpersonatingAccount',
  net: 'listening',
  ots: 'getApiLevel getBlockDetails getBlockDetailsByHash getBlockTransactions getContractCreator getInternalOperations getTransactionBySenderAndNonce getTransactionError hasCode searchTransactionsAfter searchTransactionsBefore traceTransaction',
  personal: 'sign',
  tenderly: 'addBalance setBalance',
  trace: 'block filter replayBlockTransactions transaction',
  txpool: 'content inspect status',
  web3: 'sha3',
};

export const refusedMethods: readonly string[] = Object.entries(names).flatMap(([namespace, methods]) =>
  methods.split(' ').map((method) => `${namespace}_${method}`),
);
