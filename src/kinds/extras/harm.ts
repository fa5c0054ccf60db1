/** Whom it hurts that an extra cannot be installed. */
import type { Finding } from '../../core/finding.ts';
import { consumersWho, type Harm, NOBODY_YET } from '../../core/harm.ts';
import type { ExtrasComponent } from './component.ts';

/** A word in the name of an extra for those who work on the package, who have its repository. */
const FOR_AUTHORS =
  /^(?:tests?|testing|dev|devel\w*|docs?|documentation|lint\w*|typing|mypy|bench\w*|ci|release|build|style|quality|check|cover\w*|tox|nox)$/i;

export function harmOfExtras(finding: Finding, { package: about }: ExtrasComponent): Harm | undefined {
  if (finding.code !== 'unresolvable-extra') return undefined;
  const { extra } = finding;
  const version = about.pythonVersion.split('.').slice(0, 2).join('.');
  return extra.split(/[-_]/).some((word) => FOR_AUTHORS.test(word))
    ? NOBODY_YET
    : consumersWho(`install ${about.name}[${extra}] with Python ${version}`);
}
