/** A chain that comes along: anvil under supervision behind a proxy. Node only. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signer } from '@nonet/core/identity';
import { type RpcProxy, startRpcProxy } from './rpcProxy.ts';
import { type SupervisorParameters, startSupervisor } from './supervisor.ts';

/** Where the chain lies, and where it listens. */
export interface EmbeddedChainParameters
  extends Pick<SupervisorParameters, 'directory' | 'batchMilliseconds' | 'onFailure'> {
  /** Where the proxy listens. Default 127.0.0.1. */
  readonly host?: string;
  /**
   * Default: that of the last time if it is free, so that participants find a resumed chain; else
   * any.
   */
  readonly port?: number;
}

/** A running embedded chain. */
export interface EmbeddedChain {
  /** Of the proxy: what participants are given. */
  readonly url: string;
  readonly chainId: number;
  /** Holds the chain's money. For the coordinator only. */
  readonly faucet: Signer;
  /**
   * Ends the chain in order, with a snapshot; `startEmbeddedChain` on the same directory resumes
   * it.
   */
  stop(): Promise<void>;
}

/**
 * Starts the chain in `directory`, or resumes it, also after a SIGKILL. Throws `chain.running`
 * while another process runs it, `chain.diverged` if its blocks cannot be made again as they were,
 * `chain.binary` without anvil.
 */
export async function startEmbeddedChain({
  host,
  port,
  ...parameters
}: EmbeddedChainParameters): Promise<EmbeddedChain> {
  const chain = await startSupervisor(parameters);
  const portFile = join(parameters.directory, 'port');
  const known = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0;
  const listen = { chain, ...(host === undefined ? {} : { host }) };
  let proxy: RpcProxy;
  try {
    proxy = await (port === undefined
      ? startRpcProxy({ ...listen, port: known }).catch(() => startRpcProxy(listen))
      : startRpcProxy({ ...listen, port }));
  } catch (error) {
    await chain.stop();
    throw error;
  }
  writeFileSync(portFile, new URL(proxy.url).port);
  return {
    url: proxy.url,
    chainId: chain.chainId,
    faucet: chain.faucet,
    async stop() {
      await proxy.close();
      await chain.stop();
    },
  };
}
