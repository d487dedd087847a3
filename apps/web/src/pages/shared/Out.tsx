import type { ReactNode } from 'react';

/** A link out of this page, to a source; only its text where the source has no address. */
export function Out({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (href === undefined) return <>{children}</>;
  return (
    <a href={href} rel="noreferrer" className="address">
      {children}
    </a>
  );
}
