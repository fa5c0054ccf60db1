import type { EntryLoad } from '../../core/entry.ts';
import type { Finding, Mend } from '../../core/finding.ts';
import { quote } from '../../core/quote.ts';
import { plural } from '../../core/units.ts';
import { showLoad } from '../common/untried.ts';

/** Loads that failed for the same reason. */
export interface Failure {
  /** Completes the sentence that starts with the load: `fails: …`. */
  readonly because: string;
  readonly evidence: readonly string[];
  /** The package that would have to be declared. */
  readonly undeclared?: string | undefined;
  readonly loads: EntryLoad[];
}

const OTHERS_SHOWN = 5;

/** A command that reproduces it. */
function reproduction({ form, specifier }: EntryLoad, cwd: string): string {
  const name = JSON.stringify(specifier);
  const node =
    form === 'import'
      ? `node --input-type=module --eval ${quote(`await import(${name})`)}`
      : `node --eval ${quote(`require(${name})`)}`;
  return `cd ${quote(cwd)} && ${node}`;
}

/** As a dependency; whoever knows the versions that it works with writes them. */
const declaring = (name: string): Mend => ({
  file: 'package.json',
  lines: [`"dependencies": { ${JSON.stringify(name)}: "*" }`],
});

/** @param cwd absolute path of the folder it was loaded in */
export function unloadable({ because, evidence, undeclared, loads }: Failure, cwd: string): Finding[] {
  const [first, ...others] = loads;
  if (first === undefined) return [];
  const shown = others.slice(0, OTHERS_SHOWN).map((load) => `so does ${showLoad(load)}`);
  const more = others.length - shown.length;
  return [
    {
      code: 'unloadable-entry',
      message: `${showLoad(first)} ${because}`,
      evidence: [
        ...evidence,
        ...shown,
        ...(more > 0 ? [`… and ${plural(more, 'other way', 'other ways')} to load it`] : []),
      ],
      hint: reproduction(first, cwd),
      ...(undeclared === undefined ? {} : { mend: declaring(undeclared) }),
      specifier: first.specifier,
      form: first.form,
      count: loads.length,
      forms: [
        ...new Set(loads.filter(({ specifier }) => specifier === first.specifier).map(({ form }) => form)),
      ],
    },
  ];
}
