/** Builds a service that belongs to no suite, from the options that a suite would give it. */
import { err, ok, type Result } from '../core/result.ts';
import type { Service } from '../core/suite.ts';
import type { Problem } from '../kinds/common/problem.ts';
import { Scope } from '../kinds/common/scope.ts';
import { buildService } from '../kinds/common/service.ts';
import { loadWords } from '../kinds/index.ts';
import type { StartServiceOptions } from './start-service-words.ts';
import { COMPONENT_NAME, validateService } from './validate.ts';

const DEFAULT_NAME = 'service';

/** @param folder absolute path of what its paths are relative to */
export async function buildLoneService(
  options: StartServiceOptions,
  folder: string,
): Promise<Result<Service, readonly Problem[]>> {
  // The words of all kinds are only needed to say where a misplaced option belongs.
  if (validateService(options, new Map()).length > 0) return err(validateService(options, await loadWords()));
  const { name = DEFAULT_NAME } = options;
  const scope = new Scope(folder);
  if (!COMPONENT_NAME.test(name))
    scope.problem(
      ['name'],
      `"${name}" cannot be the name of a service`,
      'use letters, digits, "_", "-" and "."; the first must be a letter or digit',
    );
  const service = buildService(name, options, scope);
  return scope.problems.length === 0 ? ok(service) : err(scope.problems);
}
