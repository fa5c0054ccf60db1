/** Whom it hurts when an entry point or a file of a package is not there. */
import type { Finding } from '../../core/finding.ts';
import { consumersWho, EVERY_CONSUMER, type Harm } from '../../core/harm.ts';
import type { EntriesComponent } from './component.ts';

const SUBPATH = /^exports\["(\.[^"]*)"\]$/;

/** @param promise as a finding has it: `exports["./extra"]`, `main` */
function ofMissing(promise: string, name: string): Harm {
  const subpath = SUBPATH.exec(promise)?.[1];
  return subpath === undefined || subpath === '.'
    ? EVERY_CONSUMER
    : consumersWho(`import "${name}${subpath.slice(1)}"`);
}

export function harmOfEntry(
  finding: Finding,
  { package: { name }, loads }: EntriesComponent,
): Harm | undefined {
  if (finding.code === 'missing-file') return ofMissing(finding.promise, name);
  if (finding.code !== 'unloadable-entry') return undefined;
  const { specifier, form } = finding;
  const isOnlyForm = !loads.some((load) => load.specifier === specifier && load.form !== form);
  if (specifier === name && isOnlyForm) return EVERY_CONSUMER;
  const written = JSON.stringify(specifier);
  return consumersWho(form === 'import' ? `import ${written}` : `require(${written})`);
}
