/**
 * Passwords and API keys in the URLs of nodes: they reach the node, and no error, hint or notice,
 * whatever the node answers.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { addressOf, NonetError, utf8 } from '@nonet/core';
import { type Account, createPrivateKey, createSigner, type Signer } from '@nonet/core/identity';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  balanceOf,
  type ConnectLedgerParameters,
  connectLedger,
  deployContracts,
  feeCeiling,
  fund,
  type LedgerNotice,
  redactUrl,
  returnFunds,
} from '../src/index.ts';
import { type BareAnvil, startBareAnvil } from './bareAnvil.ts';
import { startForwarder } from './forwarder.ts';
import { draftTerms } from './terms.ts';

let chain: BareAnvil;
let contract: Account;
let signer: Signer;

beforeAll(async () => {
  chain = await startBareAnvil(1);
  signer = chain.signers[0]!;
  ({ contract } = await deployContracts({ url: chain.url, signer }));
});
afterAll(() => chain.close());

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function forward() {
  const forwarder = await startForwarder(chain.anvil);
  opened.push(forwarder);
  return forwarder;
}

const connect = (change: Partial<ConnectLedgerParameters>) =>
  connectLedger({ url: chain.url, contract, operator: 'self', pollMilliseconds: 10, ...change });

const [user, password, key, token] = ['al1ce', 'pa55/w0rd', 'k3y0123456789abcdef', 't0k3n9876543210'];
const basic = btoa(`${user}:${password}`);
const secrets = [user, password, encodeURIComponent(password), key, token, basic];
const withSecrets = (host: string) =>
  `http://${user}:${encodeURIComponent(password)}@${host}/v3/${key}?token=${token}`;

it('credentials reach the node', async () => {
  const forwarder = await forward();
  expect(await connect({ url: withSecrets(`127.0.0.1:${forwarder.port}`) })).toBeDefined();
  expect(forwarder.headers().authorization).toBe(`Basic ${basic}`);
  expect(forwarder.path()).toBe(`/v3/${key}?token=${token}`);
});

it.each([
  ['https://node.example', 'https://node.example'],
  ['http://127.0.0.1:8545/', 'http://127.0.0.1:8545'],
  [withSecrets('node.example:1234'), 'http://node.example:1234/…'],
  ['https://node.example?token=x', 'https://node.example/…'],
])('credentials are not printed: %s', (url, printed) => {
  expect(redactUrl(url)).toBe(printed);
});

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What the node does with each call: it repeats whatever it was told, wherever it can. */
const answers: Record<string, (request: IncomingMessage, call: Call) => unknown> = {
  'an error that repeats them': (request, { id }) => ({
    id,
    error: { code: -32000, message: tell(request) },
  }),
  'an error of great length': (request, { id }) => ({
    ...{ id, error: { code: -32000, message: `${'x'.repeat(1000 - key.length / 2)}${tell(request)}` } },
  }),
  'revert data': (request, { id }) => ({
    id,
    error: { code: 3, message: tell(request), data: '0x1234' },
  }),
  'a limit': (request, { id }) => ({ id, error: { code: -32005, message: tell(request) } }),
  'text for results': (request, { id }) => ({ id, result: tell(request) }),
  'objects of text': (request, { id }) => {
    const text = tell(request);
    const names = [
      'number',
      'hash',
      'timestamp',
      'blockNumber',
      'transactionHash',
      'gasUsed',
      'status',
      'baseFeePerGas',
    ];
    return { id, result: Object.fromEntries(names.map((name) => [name, text])) };
  },
  'a chain and then text': (request, { id, method }) => ({
    ...{ id, result: method === 'eth_chainId' ? '0x7a69' : tell(request) },
  }),
  'nothing but null': (_, { id }) => ({ id, result: null }),
  'no JSON': (request) => tell(request),
};
const tell = ({ url, headers }: IncomingMessage) =>
  `bad project ${url} ${decodeURIComponent(url!)} of ${headers.authorization} ${user}:${password}`;

/** Passes calls on until it has answered `sound`, and then answers as `name` says. */
async function startTalkative(name: string, sound: number): Promise<{ url: string; left: number }> {
  const node = { url: '', left: sound };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const asked = JSON.parse(body) as Call | Call[];
    const found = await Promise.all([asked].flat().map((call) => answerCall(request, call)));
    const text = found.find((answer) => typeof answer === 'string');
    response.end(text ?? JSON.stringify(Array.isArray(asked) ? found : found[0]));
  });
  async function answerCall(request: IncomingMessage, call: Call): Promise<unknown> {
    if (node.left-- <= 0) {
      const own = answers[name]!(request, call);
      return typeof own === 'string' ? own : { jsonrpc: '2.0', ...(own as object) };
    }
    const { id, method, params } = call;
    const answer = chain.anvil.request(method, ...params);
    return answer.then(
      (result) => ({ jsonrpc: '2.0', id, result }),
      (error) => ({ jsonrpc: '2.0', id, error: error.rpc }),
    );
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(server, { close: () => server.closeAllConnections() });
  node.url = withSecrets(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  return node;
}

async function errorsOf(attempts: readonly Promise<unknown>[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(attempts);
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
}

function expectNoSecret(errors: readonly unknown[]): void {
  for (const error of errors) {
    const text = inspect(error, { depth: 20, showHidden: true });
    for (const secret of secrets) expect(text).not.toContain(secret);
    // Nor a part of one, where a long text was cut.
    expect(text).not.toContain(key.slice(0, 8));
  }
}

it.each(Object.keys(answers))('credentials are in no error where a node answers with %s', async (name) => {
  const { url } = await startTalkative(name, 0);
  const [second, poor] = [await startTalkative(name, 1000), createSigner(createPrivateKey())];
  const ledger = await connect({ url: second.url, patienceMilliseconds: 500 });
  second.left = 0;
  const root = addressOf(utf8('root'));
  const errors = await errorsOf([
    connect({ url }),
    connect({ url: [url, second.url] }),
    connect({ url, chainId: 1 }),
    connect({ url, operator: 'other', confirmations: 'finalized' }),
    deployContracts({ url, signer }),
    fund({ url, signer }, [signer.account], 1n),
    returnFunds({ url }, [signer], signer.account),
    feeCeiling({ url }),
    balanceOf({ url }, signer.account),
    ledger.now(),
    ledger.jobs.read(root),
    ledger.jobs.create(draftTerms(url, signer.account), signer),
    ledger.rounds.moves(root),
    ledger.rounds.submit(root, { type: 'join' }, poor),
    ledger.rounds.gasUsed([root]),
    ledger.rounds.follow(root, AbortSignal.timeout(500))[Symbol.asyncIterator]().next(),
    ledger.anchors.post(root, root, signer),
    ledger.anchors.find(root, root, signer.account),
  ]);
  expect(errors.length).toBeGreaterThan(12);
  for (const error of errors) expect(error).toBeInstanceOf(NonetError);
  expectNoSecret(errors);
});

it.each(['an error that repeats them', 'text for results', 'objects of text'])(
  'credentials are in no error wherever a node begins to answer with %s',
  async (name) => {
    const attempts = Array.from({ length: 24 }, async (_, sound) => {
      const by = createSigner(createPrivateKey());
      await chain.anvil.request('anvil_setBalance', by.account, '0xde0b6b3a7640000');
      const { url } = await startTalkative(name, sound);
      const ledger = await connect({ url, operator: 'other', patienceMilliseconds: 500 });
      await ledger.jobs.create(draftTerms(`${sound}`, by.account), by);
    });
    const errors = await errorsOf(attempts);
    expect(errors.length).toBeGreaterThan(8);
    for (const error of errors) expect(error).toBeInstanceOf(NonetError);
    expectNoSecret(errors);
  },
);

it.each([400, 401, 403, 404, 429, 500])(
  'credentials are in no error where a server answers %d',
  async (status) => {
    const server = createServer((request, response) => response.writeHead(status).end(tell(request)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened.push(server, { close: () => server.closeAllConnections() });
    const url = withSecrets(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    const errors = await errorsOf([connect({ url }), feeCeiling({ url })]);
    expect(errors).toHaveLength(2);
    expectNoSecret(errors);
  },
);

it.each([
  withSecrets('127.0.0.1:1'),
  withSecrets('node.invalid'),
  withSecrets('127.0.0.1:8545').replace('http', 'ftp'),
  withSecrets('127.0.0.1:8545').replace('http://', ''),
  withSecrets('127.0.0.1:8545').replace('http', 'javascript'),
  withSecrets('[not an address]'),
  key,
  `  ${token}`,
])('credentials are in no error where there is no node: %#', async (url) => {
  const attempts = [connect({ url }), feeCeiling({ url }), deployContracts({ url, signer })];
  const errors = await Promise.all(attempts.map((attempt) => attempt.catch((error: unknown) => error)));
  expectNoSecret(errors);
  for (const error of errors) expect((error as { code: string }).code).toMatch(/^ledger\.(url|unreachable)$/);
});

it('credentials are in no notice', async () => {
  const [first, second] = [await forward(), await forward()];
  const notices: LedgerNotice[] = [];
  const ledger = await connect({
    url: [first, second].map(({ port }) => withSecrets(`127.0.0.1:${port}`)),
    onNotice: (notice) => notices.push(notice),
  });
  first.away = true;
  await ledger.now();
  expect(notices).toHaveLength(1);
  expectNoSecret(notices);
});
