import type { LimitsRequest } from '@nonet/limits';
import { useEffect, useState } from 'react';
import { readRequest, writeRequest } from './address.ts';

/**
 * What the page is asked, kept in its address: a link to it, or loading it again, shows the same.
 */
export function useRequest(own: LimitsRequest): readonly [LimitsRequest, (next: LimitsRequest) => void] {
  const [request, setRequest] = useState(() => readRequest(location.hash, own));
  useEffect(() => {
    const follow = () => setRequest(readRequest(location.hash, own));
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [own]);
  const ask = (next: LimitsRequest) => {
    const asked = writeRequest(next, own);
    // Not an entry in the history for each step of a slider.
    history.replaceState(null, '', asked === '' ? location.pathname + location.search : `#${asked}`);
    setRequest(readRequest(asked, own));
  };
  return [request, ask];
}
