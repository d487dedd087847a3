/**
 * Where a reader finds a source at its pin, as an address for a link. Limits: a page that is pinned
 * by a date only may say something else by now.
 */
import type { Pin } from './records.ts';

const host = /^[a-z0-9-]+(\.[a-z0-9-]+)+(\/\S*)?$/i;

/**
 * `github:OWNER/NAME PATH` at its commit, `arXiv:ID` at its version, or the address of a page;
 * undefined for what has no public address.
 */
export function sourceUrl(source: string, pin: Pin): string | undefined {
  const github = /^github:(\S+\/\S+?)(?:\s+(.+))?$/.exec(source);
  if (github !== null) {
    const [, repository, path = '.'] = github;
    const at = 'commit' in pin ? pin.commit : undefined;
    if (at === undefined) return `https://github.com/${repository}`;
    return path === '.'
      ? `https://github.com/${repository}/tree/${at}`
      : `https://github.com/${repository}/blob/${at}/${path.split('/').map(encodeURIComponent).join('/')}`;
  }
  const arxiv = /^arXiv:\s*([\w./-]+)$/i.exec(source);
  if (arxiv !== null) {
    const version = 'version' in pin && /^v\d+$/.test(pin.version) ? pin.version : '';
    return `https://arxiv.org/abs/${arxiv[1]}${version}`;
  }
  if (/^https:\/\/\S+$/.test(source)) return source;
  return host.test(source) ? `https://${source}` : undefined;
}
