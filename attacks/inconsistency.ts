/**
 * Model inconsistency (Pasquini, Francati and Ateniese, "Eluding secure aggregation in federated
 * learning via model inconsistency", CCS 2022): a server sends its victim the model and all others
 * one whose hidden units never fire. Their gradients are 0 in every layer but the last biases, so
 * that the sum, masked or not, is the victim's update. Here the ledger names the one model of a
 * round by its content address, and a download is verified against it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Content, contentOf, contentOutline, NonetError } from '@nonet/core';
import { createFigures } from '@nonet/core/records';
import { createHttpStore, createMemoryOutbox, decodeModel, encodeModel, type Model } from '@nonet/federation';
import { trainModel } from '../packages/federation/src/roles/participation.ts';
import { datasetOf } from '../packages/federation/test/simulation.ts';
import { type Attack, countText, recoveredIn, shareEqual } from './attack.ts';
import { createFederation, type Federation, playMasks, vectorOf } from './federation.ts';

const sites = 6;
const victim = 2;

export const attack: Attack = {
  name: 'inconsistency',
  about: 'an aggregator shows one participant the model, and all others a dead one',
  cells: ['privacy-decentralisation'],
  async run({ seed, note }) {
    const federation = await createFederation({ sites, threshold: 66, seed });
    const { simulation } = federation;
    const address = simulation.state().terms.model;
    const model = decodeModel((await simulation.connect().get(address)).bytes, simulation.job.arithmetic);
    const dead = contentOf(encodeModel(silence(model)));

    note('a round in which sites train what they are given');
    const sought = await vectorOf(federation, victim, { model: address, step: 0 });
    const vectors = await Promise.all(
      federation.datasets.map((_, site) =>
        site === victim ? sought : vectorOf(federation, site, { model: dead.address, step: 0 }, dead),
      ),
    );
    const open = playMasks(vectors).sum;
    note('stores that serve the dead model under the address of the other');
    const codes = await trainOver(federation, dead);
    const share = shareEqual(open, sought);
    const refused = codes.filter((code) => code === 'blob.corrupt').length;
    const text = (part: number) => countText(part, sought, "numbers of the victim's update");
    return [
      {
        name: 'one model for all',
        mechanism: 'federation.rounds',
        claimed:
          'all participants of a round train the model whose address is on the ledger (docs/specs/round.md §3, content.md)',
        power:
          'certain: what the others add is 0 in all but the last biases and the weight, or they add nothing',
        trials: [
          {
            condition: 'without',
            setting: `masked, and ${sites - 1} sites train what the aggregator gives them`,
            measured: `${text(share)} in the sum`,
            succeeded: share > 0.9,
          },
          {
            condition: 'with',
            setting: `masked, and every store of the ${sites - 1} sites serves the dead model`,
            measured: `${refused} of ${sites - 1} sites find that it is not the model of the round (blob.corrupt), and send nothing`,
            succeeded: refused < sites - 1,
          },
        ],
        figures: createFigures([
          [recoveredIn('without'), share],
          [recoveredIn('with'), refused === sites - 1 ? 0 : share],
        ]),
      },
    ];
  },
};

/** The same model with a first layer that lets nothing through: no unit fires on any example. */
function silence({ tensors, flat }: Model): Model {
  const silent = flat.slice();
  let offset = 0;
  for (const { name, shape } of tensors) {
    const length = shape.reduce((product, extent) => product * extent, 1);
    if (name === 'dense0.weight') silent.fill(0, offset, offset + length);
    if (name === 'dense0.bias') silent.fill(-1, offset, offset + length);
    offset += length;
  }
  return { tensors, flat: silent };
}

/** What comes of training at each other site, where every store lies about the model: error codes. */
async function trainOver({ simulation, trainers }: Federation, dead: Content): Promise<string[]> {
  const { server, url } = await startLyingStore(dead);
  const { job } = simulation;
  const store = createHttpStore({ url, attempts: 1 });
  const codes: string[] = [];
  try {
    for (const [site, trainer] of trainers.entries()) {
      if (site === victim) continue;
      const parameters = {
        ledger: simulation.ledger,
        job,
        store,
        trainer,
        dataset: datasetOf(site),
        outbox: createMemoryOutbox(),
        signer: simulation.participants[site]!,
        signal: simulation.stop.signal,
      };
      const round = { model: simulation.state().terms.model, step: 0 };
      codes.push(
        await trainModel(parameters, site, 0, round).then(
          () => 'trained',
          (error: unknown) => (error instanceof NonetError ? error.code : String(error)),
        ),
      );
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return codes;
}

/** A store that serves one blob whatever is asked of it. */
async function startLyingStore({ bytes }: Content) {
  const outline = contentOutline(bytes);
  const head = new Uint8Array(8 + outline.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(bytes.length));
  head.set(outline, 8);
  const server = createServer((request, response) => {
    response.end(request.url?.startsWith('/outlines/') ? head : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
