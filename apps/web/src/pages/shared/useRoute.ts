import { useEffect, useLayoutEffect, useRef, useState } from 'react';

/** Where a reader was in a view: how far down, and which link was left. */
interface Place {
  readonly top: number;
  readonly link: string | null;
}

/**
 * The part of the address after `#`, as a list: `#cell/privacy-security` is
 * `['cell', 'privacy-security']`. A link that is followed leads to the top of its view, or to the
 * section of that name, and moves the focus there; going back finds place and focus as they were
 * left, and so does loading the page again.
 */
export function useRoute(): readonly string[] {
  const [hash, setHash] = useState(location.hash);
  const shown = useRef(hash);
  const followed = useRef(false);
  const places = useRef(new Map<string, Place>());
  useEffect(() => {
    history.scrollRestoration = 'manual';
    const keepPlace = () =>
      places.current.set(shown.current, {
        top: window.scrollY,
        link: document.activeElement?.getAttribute('href') ?? null,
      });
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
      if (link === null || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
      keepPlace();
      followed.current = link.getAttribute('href') !== location.hash;
    };
    const onChange = () => {
      if (!followed.current) keepPlace();
      setHash(location.hash);
    };
    const onLeave = () => sessionStorage.setItem(leftAt, JSON.stringify([location.hash, window.scrollY]));
    document.addEventListener('click', onClick);
    window.addEventListener('hashchange', onChange);
    window.addEventListener('pagehide', onLeave);
    return () => {
      document.removeEventListener('click', onClick);
      window.removeEventListener('hashchange', onChange);
      window.removeEventListener('pagehide', onLeave);
    };
  }, []);
  useLayoutEffect(() => {
    const first = shown.current === hash;
    const place = first ? reloaded() : followed.current ? undefined : places.current.get(hash);
    shown.current = hash;
    followed.current = false;
    if (place !== undefined) {
      window.scrollTo({ top: place.top });
      focusOn(document.querySelector(`a[href="${CSS.escape(place.link ?? '')}"]`));
      return;
    }
    const section = hash === '' ? null : document.getElementById(decode(hash));
    if (section !== null) section.scrollIntoView();
    else if (!first) window.scrollTo({ top: 0 });
    // For those who do not see that the page changed.
    if (!first) focusOn(section ?? document.querySelector('h1'));
  }, [hash]);
  return decode(hash).split('/');
}

function focusOn(element: Element | null) {
  if (!(element instanceof HTMLElement)) return;
  if (!element.matches('a, button, input, summary, [tabindex]')) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** Where it is kept how far down a page was left. */
const leftAt = 'nonet.left';

/** The place that the page was left at, if it is loaded again, or gone back to from elsewhere. */
function reloaded(): Place | undefined {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (entry?.type !== 'reload' && entry?.type !== 'back_forward') return undefined;
  try {
    const [hash, top] = JSON.parse(sessionStorage.getItem(leftAt) ?? '[]') as unknown[];
    return hash === location.hash && typeof top === 'number' ? { top, link: null } : undefined;
  } catch {
    return undefined;
  }
}

/** What follows `#`, as it was before it was encoded; as it stands where it is not well-formed. */
function decode(hash: string): string {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return hash.slice(1);
  }
}
