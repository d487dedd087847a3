/**
 * URLs of nodes hold credentials: `user:password@`, and API keys in path and query. What is printed
 * of one is its host alone, here and nowhere else; what a node says is searched for its own secrets
 * before it is passed on.
 */
import { MisuseError } from '@nonet/core';

export interface NodeUrl {
  /** Without user and password, which `fetch` refuses. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For messages: protocol, host, port, and `/…` where there is more. */
  readonly name: string;
  /** `text` without the credentials of this URL. */
  redact(text: string): string;
}

/** Path segments and values below this length are no keys: `rpc`, `v3`, `C`, `mainnet`. */
const shortestKey = 8;

/** Throws `ledger.url`, in words that repeat nothing of the text. */
export function parseNodeUrl(text: string): NodeUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new MisuseError({
      code: 'ledger.url',
      expected: 'the URL of a JSON-RPC node, with http:// or https:// in front',
      found: `${text.length} characters that are not one`,
      hint: 'It is not repeated here because it may hold a password.',
    });
  }
  const user = decode(url.username);
  const password = decode(url.password);
  const basic = btoa(String.fromCharCode(...new TextEncoder().encode(`${user}:${password}`)));
  const keys = [...url.pathname.split('/'), ...url.searchParams.values()].filter(
    (part) => part.length >= shortestKey,
  );
  const secrets = [url.username, url.password, user, password, ...keys, ...keys.map(decode)];
  const authorised = user !== '' || password !== '';
  if (authorised) secrets.push(basic);
  // The longest first: one may be part of another.
  const found = [...new Set(secrets)].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  const name = `${url.protocol}//${url.host}${url.pathname.length > 1 || url.search !== '' ? '/…' : ''}`;
  url.username = '';
  url.password = '';
  return {
    address: url.href,
    headers: authorised ? { authorization: `Basic ${basic}` } : {},
    name,
    redact: (text) => found.reduce((rest, secret) => rest.replaceAll(secret, '…'), text),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A node's URL as it may be printed: `https://user:secret@node.example/v3/key` is
 * `https://node.example/…`.
 */
export function redactUrl(url: string): string {
  return parseNodeUrl(url).name;
}
