import { describe, expect, it } from 'vitest';
import { parseNodeUrl, redactUrl } from './nodeUrl.ts';

describe('the URL of a node', () => {
  it.each(['node.example', 'ftp://node.example', 'file:///etc/passwd', 'ws://node.example', 'http://', ''])(
    'is one of HTTP, with a host: not %j, which is not repeated',
    (text) => {
      expect(() => parseNodeUrl(text)).toThrow(
        expect.objectContaining({
          code: 'ledger.url',
          found: `${text.length} characters that are not one`,
        }),
      );
    },
  );

  it.each([
    ['http://node.example', {}],
    ['http://user@node.example', { authorization: `Basic ${btoa('user:')}` }],
    ['http://:word@node.example', { authorization: `Basic ${btoa(':word')}` }],
    ['http://us%C3%A9r:w%2Frd@node.example', { authorization: 'Basic dXPDqXI6dy9yZA==' }],
  ])('%s authorises by user or password', (text, headers) => {
    expect(parseNodeUrl(text)).toMatchObject({ address: 'http://node.example/', headers });
  });

  it.each([
    ['http://node.example', 'http://node.example'],
    ['http://node.example/', 'http://node.example'],
    ['http://node.example/x', 'http://node.example/…'],
    ['http://node.example/?x', 'http://node.example/…'],
  ])('%s is printed as %s', (text, printed) => {
    expect(redactUrl(text)).toBe(printed);
  });

  it('takes its secrets out of what a node says: user, password, their header, keys of eight characters', () => {
    const { redact } = parseNodeUrl('http://al:w%2Frd@node.example/rpc/abcdefg/key45678/?a=token678&b=short');
    expect(redact(`w/rd w%2Frd al ${btoa('al:w/rd')} key45678 token678`)).toBe('… … … … … …');
    // What is too short to be a key is said everywhere.
    expect(redact('rpc abcdefg short')).toBe('rpc abcdefg short');
  });

  it('leaves a text alone where it has no secret', () => {
    const { redact } = parseNodeUrl('http://node.example/rpc?v=1');
    expect(redact('an error: at ":" of /rpc')).toBe('an error: at ":" of /rpc');
    expect(redact(btoa(':'))).toBe(btoa(':'));
  });

  it('takes the longer of two secrets first, so that no part of it stays', () => {
    const { redact } = parseNodeUrl('http://node.example/abcdefgh/abcdefghijkl');
    expect(redact('abcdefghijkl')).toBe('…');
  });
});
