/** Where one is on the page, and where a link leads. */

/** Shows in the navigation which section is on the screen. */
export function markPlace(): void {
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>('nav li a')].map((link) => [link.hash.slice(1), link]),
  );
  const visible = new Set<string>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) visible.add(target.id);
        else visible.delete(target.id);
      const here = [...links.keys()].find((id) => visible.has(id));
      for (const [id, link] of links)
        if (id === here) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
    },
    // Below the navigation, and in the upper half.
    { rootMargin: '-64px 0px -50% 0px' },
  );
  for (const section of document.querySelectorAll('main > section')) observer.observe(section);
}

/** Whatever a link leads to is shown opened. */
export function openTargets(): void {
  const open = (): void => {
    const target = document.getElementById(location.hash.slice(1));
    for (const details of target?.querySelectorAll<HTMLDetailsElement>(':scope > details') ?? [])
      details.open = true;
  };
  addEventListener('hashchange', open);
  open();
}
