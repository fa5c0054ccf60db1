/** Whom it hurts when the declarations of a package are wrong. */
import { nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import { consumersWho, type Harm, NOBODY_YET } from '../../core/harm.ts';
import type { TypeErrors } from './findings.ts';
import { isForTheStrict } from './strictness.ts';

const NAMED = 3;

function howTheyCompile(finding: TypeErrors): string {
  const versions = finding.onlyWith?.join(' or ');
  if (!isForTheStrict(finding)) return `use TypeScript${versions === undefined ? '' : ` ${versions}`}`;
  return `compile without skipLibCheck${versions === undefined ? '' : `, with TypeScript ${versions}`}`;
}

export function harmOfTypes(finding: Finding): Harm | undefined {
  switch (finding.code) {
    case 'missing-export':
    case 'unimportable-export':
      return consumersWho(
        `import ${nameFew(
          finding.exports.map(({ name }) => name),
          NAMED,
        )}`,
      );
    case 'wrong-default':
      return consumersWho('use the default export, and TypeScript');
    case 'unresolved-types':
      return consumersWho('use TypeScript with node16 or nodenext');
    case 'type-error':
      return consumersWho(howTheyCompile(finding));
    case 'undeclared-export':
    case 'forms-differ':
    case 'module-format':
      return NOBODY_YET;
    default:
      return undefined;
  }
}
