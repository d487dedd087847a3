import { useEffect, useState } from 'react';

/**
 * The part of the address after `#`, as a list: `#cell/privacy-security` is
 * `['cell', 'privacy-security']`.
 */
export function useRoute(): readonly string[] {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const follow = () => {
      setRoute(readRoute());
      window.scrollTo({ top: 0 });
      // For those who do not see that the page changed.
      document.querySelector<HTMLElement>('h1')?.focus();
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return route;
}

function readRoute(): readonly string[] {
  const parts = location.hash.slice(1).split('/');
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return [];
  }
}
