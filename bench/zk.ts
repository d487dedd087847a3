/**
 * Integrity proofs of inference (docs/specs/zk.md): time to prove and to verify one answer in one
 * warm process, on one thread, and where it goes; the bytes of a proof and of memory; the bits of
 * soundness of registration and proof together; what an answer costs in a batch; how time and
 * memory grow with models; the bytes of a verifier. `digits`, `lenet` and `cancer` are trained
 * here; the weights of the others are synthetic, which changes no figure: all follow from shapes.
 *
 * Where other provers are installed, the same run measures them on the same trained models
 * (zkPeers.ts), which takes minutes more; their figures divided by ours end in `.ratio`.
 */
import { join } from 'node:path';
import { createProver } from '@nonet/proof/zk';
import { createWorkspace, verifyInference, verifyRegistration } from '@nonet/proof/zk/verify';
import {
  type ImageLayer,
  type SampleModel,
  sampleImageModel,
  sampleModel,
} from '../packages/proof/src/testing/sampleModels.ts';
import { bundleForBrowsers } from '../scripts/bundle.ts';
import { benchFigure, type Figure, gzipSize, type Suite } from './suite.ts';
import { measurePeers } from './zkPeers.ts';
import { createTrainedModel } from './zkTrained.ts';

const warmUps = 3;
const runs = 7;
const batches = [1, 4, 16, 64, 256] as const;

const convolution = (channels: number, size: number, padding: number): ImageLayer => {
  const pair = [padding, padding] as const;
  return { kind: 'convolution', channels, kernel: [size, size], before: pair, after: pair };
};
const maxima: ImageLayer = { kind: 'maximum', kernel: [2, 2], stride: [2, 2] };
const dense = (size: number): ImageLayer => ({ kind: 'dense', size });

/** Sizes of the hidden layer of the models 784-N-10 that growth is measured with. */
const widths = [128, 512, 2048] as const;

/** Models with synthetic weights, by the name of their figures; parameters in parentheses. */
const models: Readonly<Record<string, () => SampleModel>> = {
  /** For 32x32 images of three channels (258,642). */
  cnn264k: () =>
    sampleImageModel(
      [3, 32, 32],
      [
        convolution(32, 3, 1),
        convolution(32, 3, 1),
        maxima,
        convolution(64, 3, 1),
        maxima,
        dense(56),
        dense(10),
      ],
      'values',
      1,
    ),
  /** 784-1024-1024-1024-512-10 (3,432,970). */
  mlp3m: () => sampleModel({ sizes: [784, 1024, 1024, 1024, 512, 10], output: 'values', maximumBatch: 1 }),
};

/** Times of `runs` calls in ms, after those that warm up; `work` returns what it measured. */
function timeRuns(work: () => number): number[] {
  for (let i = 0; i < warmUps; i++) work();
  return Array.from({ length: runs }, work);
}

function timed<T>(body: () => T): { readonly value: T; readonly ms: number } {
  const start = performance.now();
  const value = body();
  return { value, ms: performance.now() - start };
}

/** Milliseconds of each phase of a proof. */
function timePhases(prove: (onProgress: (phase: string) => void) => unknown): ReadonlyMap<string, number> {
  const phases = new Map<string, number>();
  let [phase, start] = ['', 0];
  const end = () => {
    if (phase !== '') phases.set(phase, performance.now() - start);
  };
  prove((next) => {
    end();
    [phase, start] = [next, performance.now()];
  });
  end();
  return phases;
}

/** `run`, `commitToTheRun`, ... */
const camelCase = (words: string) => words.replace(/[ -](\w)/g, (_, letter: string) => letter.toUpperCase());

function measureModel(
  name: string,
  sample: SampleModel,
  rowCounts: readonly number[],
): Readonly<Record<string, Figure>> {
  const figures: Record<string, Figure> = {};
  const workspace = createWorkspace();
  const committed = timed(() => createProver(sample));
  const prover = committed.value;
  const registered = timed(() => prover.register());
  const checked = timed(() => verifyRegistration(registered.value, workspace));
  const verdict = checked.value;
  if (!verdict.accepted) throw new Error(`${name}: ${verdict.code}, found ${verdict.found}`);
  figures[`${name}.register`] = benchFigure(committed.ms + registered.ms, 'ms');
  figures[`${name}.registration`] = benchFigure(registered.value.length, 'bytes');
  figures[`${name}.verifyRegistration`] = benchFigure(checked.ms, 'ms');
  for (const rows of rowCounts) {
    const inputs = sample.inputsOf(rows);
    const prove = (onProgress?: (phase: string) => void) =>
      prover.prove({ inputs, rows, context: new Uint8Array(32), ...(onProgress ? { onProgress } : {}) });
    const { statement, proof } = prove();
    let bits = 0;
    const proveTimes = timeRuns(() => timed(() => prove()).ms);
    const verifyTimes = timeRuns(() => {
      const { value, ms } = timed(() => verifyInference(verdict.model, statement, proof, workspace));
      if (!value.accepted) throw new Error(`${name}: ${value.code}`);
      bits = value.bits;
      return ms;
    });
    if (rows > 1) {
      const each = proveTimes.map((ms) => ms / rows);
      figures[`${name}.batch${rows}.perAnswer`] = benchFigure(each, 'ms');
      figures[`${name}.batch${rows}.verify`] = benchFigure(verifyTimes, 'ms');
      figures[`${name}.batch${rows}.proof`] = benchFigure(proof.length, 'bytes');
      continue;
    }
    figures[`${name}.prove`] = benchFigure(proveTimes, 'ms');
    figures[`${name}.verify`] = benchFigure(verifyTimes, 'ms');
    figures[`${name}.proof`] = benchFigure(proof.length, 'bytes');
    figures[`${name}.memory`] = benchFigure(prover.memoryBytes(), 'bytes');
    figures[`${name}.memoryPredicted`] = benchFigure(prover.predictMemory(rows), 'bytes');
    const samples = Array.from({ length: runs }, () => timePhases(prove));
    for (const phase of samples[0]!.keys()) {
      const own = samples.map((phases) => phases.get(phase)!);
      figures[`${name}.phase.${camelCase(phase)}`] = benchFigure(own, 'ms');
    }
    figures[`${name}.bits`] = benchFigure(bits, 'bits');
  }
  return figures;
}

/** Peers' times and bytes divided by ours of the same name. */
function ratiosOf(
  ours: Readonly<Record<string, Figure>>,
  peers: Readonly<Record<string, Figure>>,
): Readonly<Record<string, Figure>> {
  const ratios: Record<string, Figure> = {};
  for (const [name, { value }] of Object.entries(peers)) {
    const own = ours[name.slice(name.indexOf('.') + 1)];
    if (own !== undefined && !name.endsWith('.memory'))
      ratios[`${name}.ratio`] = benchFigure(value / own.value, '');
  }
  return ratios;
}

export const suite: Suite = {
  name: 'zk',
  about: 'integrity proofs of inference, beside other provers: time, bytes, bits of soundness',
  cells: [],
  async run({ note, peer }) {
    let figures: Record<string, Figure> = {};
    const measure = (name: string, sample: SampleModel, rows: readonly number[]) => {
      note(name);
      figures = { ...figures, ...measureModel(name, sample, rows) };
    };
    const train = async (name: 'digits' | 'lenet' | 'cancer', rows: readonly number[]) => {
      note(`${name}: training`);
      const model = await createTrainedModel(name, Math.max(...rows));
      measure(name, model, rows);
      figures[`${name}.accuracyLost`] = benchFigure(model.accuracyLost, 'fraction');
      return model;
    };
    const digits = await train('digits', batches);
    const lenet = await train('lenet', [1]);
    await train('cancer', [1]);
    for (const [name, create] of Object.entries(models)) measure(name, create(), [1]);
    for (const width of widths) {
      const sample = sampleModel({ sizes: [784, width, 10], output: 'values', maximumBatch: 1 });
      measure(`width${width}`, sample, [1]);
    }
    const verifier = await bundleForBrowsers(
      join(import.meta.dirname, '../packages/proof/src/zk/verify.ts'),
      'nonet',
    );
    figures['size.verifier.gzip'] = benchFigure(gzipSize(verifier), 'bytes');
    const peers = await measurePeers({ note, peer }, { digits, lenet });
    return { ...figures, ...peers, ...ratiosOf(figures, peers) };
  },
};
