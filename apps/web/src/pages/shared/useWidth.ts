import { useEffect, useRef, useState } from 'react';

/**
 * The width of an element, followed as it changes: text in the chart keeps its size on every
 * screen.
 */
export function useWidth(initial: number) {
  const element = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(initial);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.max(240, Math.floor(entry!.contentRect.width))),
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}
