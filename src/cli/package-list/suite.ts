/** A list of packages as a suite: each is a component, so that everything that shows or judges a run does so with a list. */
import { resolve } from 'node:path';
import { plainBase } from '../../consumer/trial.ts';
import type { Suite } from '../../core/suite.ts';
import { ms } from '../../core/units.ts';
import type { PackageComponent } from '../../kinds/package/component.ts';
import { EMPTY_SUITE } from '../package.ts';
import type { Listed } from './read-list.ts';

/** A trial ends by the limits of its own parts long before. */
const LIMIT = ms(60 * 60_000);

/** How each package is tried: what `shakedown package` is told besides its name. */
export interface TrialOptions {
  /** How many things of it are tried at a time. */
  readonly jobs: number;
  /** The time limit of each of them, in milliseconds. */
  readonly timeout?: number | undefined;
  readonly seed?: number | undefined;
  readonly strict?: boolean | undefined;
  readonly ownership?: string | undefined;
  /** Versions of Python for the packages that are for Python. */
  readonly python?: readonly string[] | undefined;
}

/** What names it wherever the trial is: a folder that has a package for npm as well is still the one for Python. */
const namedFor = ({ name, spec: { language, spec } }: Listed): string =>
  'path' in spec ? `${language === 'python' ? 'pypi:' : ''}${spec.path}` : name;

/** The command line of this program, for the trial of one package. */
function commandFor(listed: Listed, options: TrialOptions): [string, ...string[]] {
  const [, script = ''] = process.argv;
  const { jobs, timeout, seed, strict, ownership, python } = options;
  const isForPython = listed.spec.language === 'python';
  return [
    ...([process.execPath, ...process.execArgv, script, 'package'] as [string, ...string[]]),
    namedFor(listed),
    ...['--jobs', String(jobs)],
    ...(timeout === undefined ? [] : ['--timeout', `${timeout}ms`]),
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
    ...(strict === true ? ['--strict'] : []),
    ...(ownership === undefined ? [] : ['--ownership', ownership]),
    ...(python === undefined || !isForPython ? [] : ['--python', python.join(',')]),
  ];
}

/**
 * @param list the file, as the user named it
 * @param cwd absolute path of the folder that keeps `.shakedown/`
 */
export function suiteOf(
  packages: readonly Listed[],
  list: string,
  cwd: string,
  options: TrialOptions,
): Suite {
  const components = packages.map((listed): PackageComponent => {
    return {
      ...plainBase(listed.name, cwd, LIMIT),
      slow: LIMIT,
      kind: 'package',
      command: commandFor(listed, options),
    };
  });
  const source = { type: 'packages', list: resolve(cwd, list) } as const;
  return { ...EMPTY_SUITE, name: list, root: cwd, source, components };
}
