/**
 * How long one synchronisation takes, by topology. Bandwidths are in bit/s and latencies one way,
 * in seconds; `bitsPerParameter` is what is sent for each parameter of the model after compression.
 * Sources: the ring is the bandwidth-optimal bound that "Communication-Efficient Language Model
 * Training Scales Reliably and Robustly" (arXiv 2503.09799, appendix A) uses; the sparse all-gather
 * is SparseLoCo's (arXiv 2508.15706), the pair NoLoCo's (2506.10911).
 */

interface Payload {
  readonly parameters: number;
  readonly bitsPerParameter: number;
}

interface Duplex {
  readonly uploadBitPerSecond: number;
  readonly downloadBitPerSecond: number;
  readonly latencySeconds: number;
}

const bitsOf = ({ parameters, bitsPerParameter }: Payload) => parameters * bitsPerParameter;

/** Bits per parameter where only the largest entries are sent, each with its place. */
export function sparseBitsPerParameter(entry: {
  /** Share of the entries that is sent. */
  readonly density: number;
  readonly valueBits: number;
  readonly indexBits: number;
}): number {
  return entry.density * (entry.valueBits + entry.indexBits);
}

/** Ring all-reduce among `nodes`: 2 b P / W (1 - 1/M) + 2 (M - 1) latency. */
export function ringSeconds(
  ring: Payload & {
    readonly nodes: number;
    readonly bandwidthBitPerSecond: number;
    readonly latencySeconds: number;
  },
): number {
  const { nodes, bandwidthBitPerSecond, latencySeconds } = ring;
  return ((2 * bitsOf(ring)) / bandwidthBitPerSecond) * (1 - 1 / nodes) + 2 * (nodes - 1) * latencySeconds;
}

/**
 * Every node sends its update to a server and fetches the model (FedAvg, secure aggregation): the
 * node's own links, or the server's where that has less than all of them together.
 */
export function starSeconds(
  star: Payload &
    Duplex & {
      readonly nodes: number;
      /** What comes back; the model's own bits unless it is compressed. */
      readonly returnedBitsPerParameter: number;
      readonly serverBitPerSecond: number;
    },
): number {
  const up = bitsOf(star);
  const down = star.parameters * star.returnedBitsPerParameter;
  return (
    Math.max(up / star.uploadBitPerSecond, (star.nodes * up) / star.serverBitPerSecond) +
    Math.max(down / star.downloadBitPerSecond, (star.nodes * down) / star.serverBitPerSecond) +
    2 * star.latencySeconds
  );
}

/**
 * Each party fetches the sparse update of every other: the slower of one upload and M - 1
 * downloads.
 */
export function sparseAllGatherSeconds(gather: Payload & Duplex & { readonly nodes: number }): number {
  const bits = bitsOf(gather);
  return (
    Math.max(bits / gather.uploadBitPerSecond, ((gather.nodes - 1) * bits) / gather.downloadBitPerSecond) +
    2 * gather.latencySeconds
  );
}

/** One exchange with one random peer; the number of nodes does not matter. */
export function gossipSeconds(
  pair: Payload & { readonly bandwidthBitPerSecond: number; readonly latencySeconds: number },
): number {
  return bitsOf(pair) / pair.bandwidthBitPerSecond + pair.latencySeconds;
}

/**
 * Exchange through object storage as the simulator of MIRI's decentralised-training report
 * (robirahman/miri-decentralized-training-report, April 2026, formulas only) has it: (V / up + V /
 * down + latency) (1 + 0.05 log2 n). The 0.05 is its authors' engineering guess.
 */
export function storedExchangeSeconds(exchange: Payload & Duplex & { readonly nodes: number }): number {
  const bits = bitsOf(exchange);
  return (
    (bits / exchange.uploadBitPerSecond + bits / exchange.downloadBitPerSecond + exchange.latencySeconds) *
    (1 + 0.05 * Math.log2(exchange.nodes))
  );
}

/**
 * All-reduce between data centres on one bidirectional loop of fibre: 2 b P / W plus one way around
 * ("Could decentralized training solve AI's power problem?", Epoch AI, 2025). Light in fibre covers
 * 200,000 km/s.
 */
export function loopSeconds(
  loop: Payload & { readonly bandwidthBitPerSecond: number; readonly loopKilometres: number },
): number {
  return (2 * bitsOf(loop)) / loop.bandwidthBitPerSecond + loop.loopKilometres / fibreKilometresPerSecond;
}

/** Light in glass, refractive index about 1.5. */
export const fibreKilometresPerSecond = 2e5;
