import type { ComponentProps, MouseEvent, ReactNode } from 'react';

/** What every page has: a way past its links for the keyboard, the content, who made it. */
export function PageFrame({
  navigation,
  footer,
  children,
  ...main
}: { navigation?: ReactNode; footer: string } & ComponentProps<'main'>) {
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it is a link within the page, as assistive technology lists it; only the address stays. */}
      <a className="skip" href="#content" onClick={skip}>
        Skip to the content
      </a>
      {navigation}
      <main id="content" tabIndex={-1} {...main}>
        {children}
      </main>
      <footer>
        <p>{footer}</p>
      </footer>
    </>
  );
}

/** Moves the focus, and leaves the address as it is: it says what the page shows. */
function skip(event: MouseEvent) {
  event.preventDefault();
  document.getElementById('content')!.focus();
}
