import {
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  request as sendRequest,
} from 'node:http';
import { addressOf, createPartialContent, toHex } from '@nonet/core';
import { createSigner } from '@nonet/core/identity';
import { testBlobStore } from '@nonet/core/testing';
import { describe, expect, test } from 'vitest';
import {
  createClient,
  outlineAnswer,
  startRude,
  startRudeStore,
  startServer,
  storeSigner,
} from '../testing/storeServers.ts';
import { createHttpStore } from './httpStore.ts';
import { signStoreReceipt } from './storeReceipt.ts';

testBlobStore('HTTP', async () => {
  const { url, tamper } = await startServer();
  return { store: createClient(url), tamper };
});

const blob = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * i) >>> 4);
const address = addressOf(blob);
const code = (code: string) => expect.objectContaining({ code });
const ended = (call: Promise<unknown>, named: string) => expect(call).rejects.toThrow(code(named));

/** Where a range request starts. */
const startOf = (range: string | undefined) => Number(/=([0-9]+)-/.exec(range ?? '')?.[1] ?? 0);

/** Announces the rest of the blob from `start` on. */
function announce(response: ServerResponse, start: number): void {
  response.writeHead(start > 0 ? 206 : 200, {
    'Content-Length': blob.length - start,
    'Content-Range': `bytes ${start}-${blob.length - 1}/${blob.length}`,
  });
}

/** Passes a request on to another server, and its answer back. */
function relay(url: string, request: IncomingMessage, response: ServerResponse): ClientRequest {
  const { method = '', headers, url: path = '' } = request;
  const relayed = sendRequest(url + path, { method, headers, agent: false }, (answer) => {
    if (response.destroyed) return void answer.resume();
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  relayed.on('error', () => {});
  request.pipe(relayed);
  return relayed;
}

test('sends no password of a URL to what answers there', async () => {
  const seen: (string | undefined)[] = [];
  const url = await startRude((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  expect(await createClient(url.replace('://', '://user:secret@')).has(address)).toBe(false);
  expect(seen).toEqual([undefined]);
});

describe('a download', () => {
  test('goes on behind the last group that was verified', async () => {
    const ranges: (string | undefined)[] = [];
    const url = await startRudeStore(blob, (request, response) => {
      const start = startOf(request.headers.range);
      ranges.push(request.headers.range);
      announce(response, start);
      // Four groups of 65,536 and a bit.
      const end = Math.min(start + 300_000, blob.length);
      response.write(blob.subarray(start, end), () => {
        if (end < blob.length) response.destroy();
        else response.end();
      });
    });
    expect((await createClient(url, { attempts: 2 }).get(address)).bytes).toEqual(blob);
    expect(ranges).toEqual([undefined, 'bytes=262144-', 'bytes=524288-', 'bytes=786432-']);
  });

  test('goes on where another store broke off', async () => {
    const breaking = await startRudeStore(blob, (_, response) => {
      announce(response, 0);
      response.write(blob.subarray(0, 700_000), () => response.destroy());
    });
    const { url, files, traffic } = await startServer();
    await files.put(blob);
    const partial = createPartialContent(address);
    await ended(createClient(breaking, { attempts: 1 }).get(address, { partial }), 'store.unreachable');
    expect(partial.verified).toBe(655_360);
    expect((await createClient(url).get(address, { partial })).bytes).toEqual(blob);
    expect(traffic.sent).toBe(blob.length - 655_360);
  });

  test('is read from the start where the store ignores ranges', async () => {
    let requests = 0;
    const url = await startRudeStore(blob, (_, response) => {
      response.writeHead(200, { 'Content-Length': blob.length });
      response.write(blob.subarray(0, 100_000), () =>
        ++requests < 3 ? response.destroy() : response.end(blob.subarray(100_000)),
      );
    });
    expect((await createClient(url).get(address)).bytes).toEqual(blob);
  });

  test('ends at the first group that is wrong, without reading on', async () => {
    let sent = 0;
    const url = await startRudeStore(blob, (_, response) => {
      response.writeHead(200);
      const more = () => {
        if (response.destroyed) return;
        sent += blob.length;
        response.write(new Uint8Array(blob.length), () => setImmediate(more));
      };
      more();
    });
    await ended(createClient(url).get(address), 'blob.corrupt');
    const after = sent;
    await expect.poll(() => sent - after).toBeLessThan(20 * blob.length);
  });

  test('is not oversized because a store says so', async () => {
    let requests = 0;
    const url = await startRudeStore(blob, (_, response) => {
      requests++;
      response.writeHead(200, { 'Content-Length': 10 ** 12 });
      response.write('x');
    });
    await ended(createClient(url).get(address, { maximumBytes: 10 ** 6 }), 'blob.corrupt');
    expect(requests).toBe(1);
    const longer = await startRudeStore(blob, (_, response) => void response.writeHead(200).end(`${blob}x`));
    await ended(createClient(longer).get(address, { maximumBytes: 10 ** 6 }), 'blob.corrupt');
  });

  test('is oversized where the address says so, before a byte of it is read', async () => {
    let requests = 0;
    const url = await startRudeStore(blob, () => void requests++);
    await ended(createClient(url).get(address, { maximumBytes: 999_999 }), 'blob.oversized');
    expect(requests).toBe(0);
  });

  test.each<[string, Uint8Array]>([
    ['of another blob', outlineAnswer(new Uint8Array(1_000_000))],
    ['of another length', outlineAnswer(blob, 999_999)],
    ['of a length that no blob has', outlineAnswer(blob, 2 ** 52)],
    ['that is cut off', outlineAnswer(blob).subarray(0, -32)],
    ['that is nothing', new Uint8Array()],
  ])('does not begin with an outline %s', async (_, answer) => {
    const url = await startRude((_, response) => void response.end(answer));
    await ended(createClient(url).get(address), 'blob.corrupt');
  });

  test('does not begin with an endless outline', async () => {
    let sent = 0;
    const url = await startRude((_, response) => {
      const chunk = new Uint8Array(2 ** 20);
      const more = () => {
        if (response.destroyed) return;
        sent += chunk.length;
        response.write(chunk, () => setImmediate(more));
      };
      more();
    });
    await ended(createClient(url).get(address), 'store.refused');
    expect(sent).toBeLessThan(64 * 2 ** 20);
  });

  test('does not read what follows the end', async () => {
    const url = await startRudeStore(blob, (_, response) => {
      response.writeHead(200);
      response.write(blob);
      response.end('x');
    });
    await ended(createClient(url).get(address), 'blob.corrupt');
  });

  test('does not take a range that starts elsewhere', async () => {
    let requests = 0;
    const url = await startRudeStore(blob, (_, response) => {
      announce(response, ++requests === 1 ? 0 : 65_536);
      response.write(blob.subarray(0, 200_000), () => response.destroy());
    });
    await ended(createClient(url).get(address), 'blob.corrupt');
    expect(requests).toBe(2);
  });
});

describe('time', () => {
  /** One byte every few milliseconds, for ever. */
  const trickle: RequestListener = (_, response) => {
    response.writeHead(200);
    let at = 0;
    const timer = setInterval(() => response.write(blob.subarray(at, ++at)), 2);
    response.on('close', () => clearInterval(timer));
  };

  test('a trickle is as good as silence', async () => {
    const url = await startRudeStore(blob, trickle);
    await ended(
      createClient(url, { attempts: 2, timeoutMilliseconds: 50 }).get(address),
      'store.unreachable',
    );
  });

  test('a trickle does not keep a reader beyond its deadline, whatever the time-out', async () => {
    for (const url of [await startRudeStore(blob, trickle), await startRude(trickle)]) {
      const untilMilliseconds = Date.now() + 100;
      await ended(createClient(url).get(address, { untilMilliseconds }), 'store.unreachable');
    }
  });

  test('a deadline bounds all calls, retries and pauses included', async () => {
    const failing = await startRude((_, response) => void response.writeHead(503).end());
    const silent = await startRude(() => {});
    for (const url of [failing, silent]) {
      const client = createClient(url, { attempts: 1e6, backoffMilliseconds: 1e6 });
      const options = () => ({ untilMilliseconds: Date.now() + 50 });
      await ended(client.get(address, options()), 'store.unreachable');
      await ended(client.put(blob, options()), 'store.unreachable');
      await ended(client.has(address, options()), 'store.unreachable');
      await ended(client.receipts(address, options()), 'store.unreachable');
      await ended(client.get(address, { untilMilliseconds: 0 }), 'store.unreachable');
    }
  });

  test('a call without a deadline has one, too', async () => {
    const url = await startRude(() => {});
    await ended(createClient(url, { limitMilliseconds: 50 }).get(address), 'store.unreachable');
  });

  test('a signal ends all calls with its reason', async () => {
    const url = await startRude(() => {});
    const client = createClient(url);
    const reason = new RangeError('enough');
    for (const call of [client.get, client.has, client.receipts]) {
      const stop = new AbortController();
      const outcome = call(address, { signal: stop.signal });
      setTimeout(() => stop.abort(reason), 20);
      await expect(outcome).rejects.toBe(reason);
    }
    const stop = new AbortController();
    const outcome = client.put(blob, { signal: stop.signal });
    setTimeout(() => stop.abort(reason), 20);
    await expect(outcome).rejects.toBe(reason);
  });

  test('progress is measured against the best so far: more and less in turn is no progress', async () => {
    let requests = 0;
    const url = await startRudeStore(blob, (_, response) => {
      response.writeHead(200, { 'Content-Length': blob.length });
      const bytes = requests++ % 2 === 0 ? 150_000 : 2_000;
      response.write(blob.subarray(0, bytes), () => response.destroy());
    });
    await ended(createClient(url, { attempts: 5 }).get(address), 'store.unreachable');
    expect(requests).toBe(5);
  });

  test('a store that fails for a while is asked again; one that is away is unreachable', async () => {
    let requests = 0;
    const url = await startRudeStore(blob, (_, response) => {
      response.writeHead(++requests <= 2 ? 503 : 200).end(requests <= 2 ? undefined : blob);
    });
    expect((await createClient(url).get(address)).bytes).toEqual(blob);
    const away = createClient('http://127.0.0.1:1', { attempts: 2 });
    await ended(away.get(address), 'store.unreachable');
    await ended(away.put(blob), 'store.unreachable');
    await ended(away.has(address), 'store.unreachable');
    await ended(away.receipts(address), 'store.unreachable');
  });
});

describe('an upload', () => {
  const large = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * i) >>> 5);
  const to = addressOf(large);

  test('goes in pieces, and comes back with a receipt', async () => {
    const statuses: number[] = [];
    const { url, files, traffic } = await startServer({
      onRequest: ({ status }) => void statuses.push(status),
    });
    expect(await createClient(url).put(large)).toEqual({ address: to, receipts: await files.receipts(to) });
    expect(statuses).toEqual([202, 202, 201]);
    expect(traffic.received).toBe(large.length);
    expect((await files.get(to)).length).toBe(large.length);
  });

  test('goes on where it broke off', async () => {
    const { url, files, traffic } = await startServer();
    let requests = 0;
    const breaking = await startRude((request, response) => {
      const relayed = relay(url, request, response);
      if (++requests !== 2) return;
      let length = 0;
      request.on('data', async (chunk) => {
        length += chunk.length;
        if (length < 500_000) return;
        request.pause();
        await expect.poll(() => traffic.received).toBeGreaterThanOrEqual(2 ** 20 + 400_000);
        relayed.destroy();
        request.destroy();
      });
    });
    await createClient(breaking, { attempts: 2 }).put(large);
    expect((await files.get(to)).length).toBe(large.length);
    expect(traffic.received).toBeLessThanOrEqual(large.length + 300_000);
  });

  test('whose last answer was lost asks for the receipt', async () => {
    const { url, files, traffic } = await startServer();
    let requests = 0;
    const losing = await startRude((request, response) => {
      const relayed = relay(url, request, response);
      if (++requests === 3) relayed.prependListener('response', () => response.destroy());
    });
    const { receipts } = await createClient(losing, { attempts: 2 }).put(large);
    expect(receipts).toEqual(await files.receipts(to));
    expect(traffic.received).toBe(large.length);
  });

  test('begins again where the store has forgotten it', async () => {
    const first = await startServer();
    const second = await startServer();
    let requests = 0;
    // The store is another one from the second piece on, as after a restart with an empty folder.
    const restarted = await startRude((request, response) => {
      relay(++requests === 1 ? first.url : second.url, request, response);
    });
    await createClient(restarted, { attempts: 2 }).put(large);
    expect((await second.files.get(to)).length).toBe(large.length);
  });

  test('whose store takes pieces for ever, and gives no receipt, ends', async () => {
    let requests = 0;
    const url = await startRude((request, response) => {
      request.resume().on('end', () => {
        if (request.method === 'PUT') requests++;
        response.writeHead(request.method === 'PUT' ? 202 : 404).end('{}');
      });
    });
    await ended(createClient(url, { attempts: 3 }).put(large), 'store.unreachable');
    expect(requests).toBe(3 * 3);
  });

  test('that gains a byte with each attempt makes no progress', async () => {
    let offset = 0;
    let requests = 0;
    const url = await startRude((request, response) => {
      if (request.method === 'HEAD') response.writeHead(200, { 'Upload-Offset': ++offset }).end();
      else if (request.method === 'GET') response.writeHead(404).end();
      else {
        requests++;
        response.destroy();
      }
    });
    await ended(createClient(url, { attempts: 3 }).put(large), 'store.unreachable');
    expect(requests).toBe(3);
  });

  test('does not read an endless answer', async () => {
    let sent = 0;
    const url = await startRude((request, response) => {
      request.resume();
      response.writeHead(201);
      const chunk = new Uint8Array(2 ** 16).fill(0x20);
      const more = () => {
        if (response.destroyed) return;
        sent += chunk.length;
        response.write(chunk, () => setImmediate(more));
      };
      more();
    });
    await ended(createClient(url).put(new Uint8Array(10)), 'store.refused');
    expect(sent).toBeLessThan(64 * 2 ** 20);
  });

  test('with a receipt of another store, of another blob, or of none, has failed', async () => {
    const { url } = await startServer();
    const stranger = createSigner(toHex(new Uint8Array(32).fill(4)));
    await ended(createClient(url, { account: stranger.account }).put(blob), 'store.receipt');
    const others = [
      JSON.stringify(await signStoreReceipt(to, blob.length, storeSigner)),
      JSON.stringify(await signStoreReceipt(address, blob.length + 1, storeSigner)),
      '{}',
      'null',
      '',
    ];
    for (const receipt of others) {
      const rude = await startRude((request, response) =>
        request.resume().on('end', () => response.end(receipt)),
      );
      await ended(createClient(rude).put(blob), 'store.receipt');
      // Without an account to expect, a receipt still has to be one.
      await ended(createHttpStore({ url: rude }).put(blob), 'store.receipt');
    }
  });

  test('that is refused has failed for good', async () => {
    let requests = 0;
    const url = await startRude((request, response) => {
      requests++;
      request.resume().on('end', () => response.writeHead(413).end('too large'));
    });
    await ended(createClient(url).put(blob), 'store.refused');
    expect(requests).toBe(1);
  });
});

test('uses a connection again, and opens another where the store has closed it meanwhile', async () => {
  const { url, files } = await startServer();
  const { receipts } = await files.put(blob);
  const ports: (number | undefined)[] = [];
  const closing = await startRude((request, response) => {
    const { remotePort, destroy } = request.socket;
    ports.push(remotePort);
    if (ports.length === 3) destroy.call(request.socket);
    else relay(url, request, response);
  });
  const client = createClient(closing, { attempts: 1 });
  for (let i = 0; i < 3; i++) expect(await client.receipts(address)).toEqual(receipts);
  expect(ports).toHaveLength(4);
  expect(new Set(ports).size).toBe(2);
});

test('a URL that leads nowhere is a store that is away', async () => {
  for (const url of ['nonsense', 'ftp://127.0.0.1']) {
    await ended(createClient(url, { attempts: 2 }).get(address), 'store.unreachable');
  }
});

test('does not follow redirects', async () => {
  let led = 0;
  const inside = await startRude((request, response) => {
    led++;
    request.resume().on('end', () => response.end(outlineAnswer(blob)));
  });
  let requests = 0;
  for (const status of [301, 302, 303, 307, 308]) {
    const url = await startRude((request, response) => {
      requests++;
      request.resume().on('end', () => response.writeHead(status, { Location: inside }).end());
    });
    const client = createClient(url);
    await ended(client.get(address), 'store.refused');
    await ended(client.put(blob), 'store.refused');
    await ended(client.has(address), 'store.refused');
    await ended(client.receipts(address), 'store.refused');
  }
  expect(led).toBe(0);
  expect(requests).toBe(5 * 4);
});

describe('a blob of which no more than 64 KiB are wanted', () => {
  const small = blob.subarray(0, 5000);
  const smallAddress = addressOf(small);
  const bounded = { maximumBytes: 65_536 };

  /** Answers with these bytes under any address, and notes what was asked for. */
  async function serve(bytes: Uint8Array, headers: object = { 'Content-Length': bytes.length }) {
    const asked: string[] = [];
    const url = await startRude((request, response) => {
      asked.push(request.url!.split('/')[1]!);
      if (request.url!.startsWith('/outlines/')) return void response.end(outlineAnswer(bytes));
      response.writeHead(200, { ...headers });
      response.end(bytes);
    });
    return { store: createClient(url), asked };
  }

  test('is read by one request', async () => {
    for (const bytes of [small, new Uint8Array(), blob.subarray(0, 65_536)]) {
      const { store, asked } = await serve(bytes);
      const { address } = await store.get(addressOf(bytes), bounded);
      expect([address, asked]).toEqual([addressOf(bytes), ['blobs']]);
    }
  });

  test('is oversized only by its address, whatever the store announces', async () => {
    const long = await serve(blob);
    await ended(long.store.get(address, bounded), 'blob.oversized');
    expect(long.asked).toEqual(['blobs', 'outlines']);
    const silent = await serve(small, {});
    expect((await silent.store.get(smallAddress, bounded)).bytes).toEqual(small);
  });

  test('is corrupt where other bytes come', async () => {
    const { store } = await serve(small.toReversed());
    await ended(store.get(smallAddress, bounded), 'blob.corrupt');
  });

  test('is missing where the store says so, and tried again where it fails', async () => {
    let failures = 0;
    const url = await startRude((_, response) => {
      response.writeHead(failures++ === 0 ? 503 : 404);
      response.end();
    });
    await ended(createClient(url).get(smallAddress, bounded), 'blob.missing');
    expect(failures).toBe(2);
  });
});
