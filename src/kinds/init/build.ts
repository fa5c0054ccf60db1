import { resolve } from 'node:path';
import type { ComponentBase } from '../../core/suite.ts';
import { toDuration } from '../common/duration.ts';
import type { Scope } from '../common/scope.ts';
import { ALL_PARTS, type InitComponent } from './component.ts';
import { INIT_DEFAULTS, type InitOptions } from './options.ts';

/** Whether an import would resolve it as a file, not as a package. */
const isFileName = (name: string): boolean => /^\.\.?\/|^\//.test(name);

function checkFiles({ module, python, use }: InitOptions, scope: Scope): void {
  if ((module === undefined) === (python === undefined))
    scope.problem(
      [],
      'an init component needs either a `module` or a `python` module',
      "init({ module: './library.js' })",
    );
  for (const [option, file] of [
    ['module', module],
    ['use', python === undefined ? use?.split(':').slice(0, -1).join(':') : undefined],
  ] as const)
    if (file !== undefined && isFileName(file))
      scope.mustExist(resolve(scope.cwd, file), [option], `the file ${file}`);
}

export function buildInit(options: InitOptions, base: ComponentBase, scope: Scope): InitComponent {
  const { module, python, use, coldStart } = options;
  checkFiles(options, scope);
  return {
    ...base,
    kind: 'init',
    language: python === undefined ? 'node' : 'python',
    module: python ?? module ?? '',
    use: use ?? null,
    processes: options.processes ?? INIT_DEFAULTS.processes,
    hangAfter: toDuration(options.hangAfter ?? INIT_DEFAULTS.hangAfter),
    coldStart:
      coldStart === undefined ? null : { text: coldStart, ratio: Number(coldStart.replace(/[<x\s]/g, '')) },
    denyModules: options.denyModules ?? [],
    singletons: options.singletons ?? [],
    expect: scope.expectation(options.expect),
    parts: ALL_PARTS,
  };
}
