/** Whom it hurts when an entry point or a file of a package is not there. */
import type { Finding } from '../../core/finding.ts';
import { consumersWho, EVERY_CONSUMER, type Harm } from '../../core/harm.ts';
import type { EntriesComponent, PythonEntriesComponent } from './component.ts';

const SUBPATH = /^exports\["(\.[^"]*)"\]$/;

/** @param promise as a finding has it: `exports["./extra"]`, `main` */
function ofMissing(promise: string, name: string): Harm {
  const subpath = SUBPATH.exec(promise)?.[1];
  return subpath === undefined || subpath === '.'
    ? EVERY_CONSUMER
    : consumersWho(`import "${name}${subpath.slice(1)}"`);
}

/** Whom it hurts when a module of a Python package cannot be imported, or its wheel is not in order. */
function ofPython(finding: Finding, { modules, scripts }: PythonEntriesComponent): Harm | undefined {
  switch (finding.code) {
    case 'missing-file':
      // Without any module it is the package as a whole.
      return modules.length + scripts.length === 0 ? EVERY_CONSUMER : consumersWho('check types');
    case 'record-mismatch':
      return consumersWho('verify what they install, or remove it');
    case 'wrong-tag':
      return consumersWho('have another Python or another system');
    case 'stray-module':
      return consumersWho(`have another package with a module ${finding.module}`);
    case 'unloadable-entry': {
      const { specifier } = finding;
      const script = scripts.find(({ module, attribute }) => `${module}:${attribute}` === specifier);
      if (script !== undefined) return consumersWho(`run ${script.name}`);
      const module = modules.find(({ name }) => name === specifier);
      return module?.isTop === true && module.isPublic ? EVERY_CONSUMER : consumersWho(`import ${specifier}`);
    }
    default:
      return undefined;
  }
}

export function harmOfEntry(finding: Finding, component: EntriesComponent): Harm | undefined {
  if (component.language === 'python') return ofPython(finding, component);
  const {
    package: { name },
    loads,
  } = component;
  if (finding.code === 'missing-file') return ofMissing(finding.promise, name);
  if (finding.code !== 'unloadable-entry') return undefined;
  const { specifier, form, forms = [form] } = finding;
  const isWhole = loads.every((load) => load.specifier !== specifier || forms.includes(load.form));
  if (specifier === name && isWhole) return EVERY_CONSUMER;
  const written = JSON.stringify(specifier);
  if (forms.length > 1) return consumersWho(`load ${written}`);
  return consumersWho(form === 'import' ? `import ${written}` : `require(${written})`);
}
