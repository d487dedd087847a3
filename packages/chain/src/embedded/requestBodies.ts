/**
 * Bodies of requests, read within one budget of memory: a body that never ends, and one whose
 * request is not answered yet, count like any other. Where there is no room, the unfinished body
 * that began first makes way: one that is honest takes milliseconds.
 */
import type { IncomingMessage } from 'node:http';

/** Of one body. */
export const maximumBodyBytes = 2 ** 21;

/** Of all bodies that are arriving or being worked on. */
const budgetBytes = 2 ** 26;

interface HeldBody {
  readonly request: IncomingMessage;
  bytes: number;
}

export interface RequestBodies {
  /** Bytes of all. */
  held: number;
  /** Those that are not complete, oldest first. */
  readonly arriving: Set<HeldBody>;
}

/** Why there is no body: it is longer than `maximumBodyBytes`, or there is no room for it now. */
export type NoBody = 'too long' | 'no room';

export function createRequestBodies(): RequestBodies {
  return { held: 0, arriving: new Set() };
}

/**
 * Reads the body of a request and holds room for it until `work` is done. Rejects if the request
 * breaks off.
 */
export async function withBody<Result>(
  bodies: RequestBodies,
  request: IncomingMessage,
  work: (body: { readonly text: string } | NoBody) => Promise<Result>,
): Promise<Result> {
  const body: HeldBody = { request, bytes: 0 };
  bodies.arriving.add(body);
  try {
    const read = await readBody(bodies, body);
    bodies.arriving.delete(body);
    if (typeof read === 'string') releaseBody(bodies, body);
    return await work(read);
  } finally {
    releaseBody(bodies, body);
  }
}

async function readBody(bodies: RequestBodies, body: HeldBody): Promise<{ readonly text: string } | NoBody> {
  const chunks: Buffer[] = [];
  for await (const chunk of body.request.iterator({ destroyOnReturn: false })) {
    if (body.bytes + chunk.length > maximumBodyBytes) return 'too long';
    bodies.held += chunk.length;
    body.bytes += chunk.length;
    makeWay(bodies, body);
    if (!bodies.arriving.has(body)) return 'no room';
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString('utf8') };
}

/**
 * Releases unfinished bodies, the oldest first, until the budget holds; `newest` stays connected.
 */
function makeWay(bodies: RequestBodies, newest: HeldBody): void {
  for (const oldest of bodies.arriving) {
    if (bodies.held <= budgetBytes) return;
    releaseBody(bodies, oldest);
    // The other connection is closed, and this one is told why.
    if (oldest !== newest) oldest.request.destroy();
  }
}

function releaseBody(bodies: RequestBodies, body: HeldBody): void {
  bodies.arriving.delete(body);
  bodies.held -= body.bytes;
  body.bytes = 0;
}
