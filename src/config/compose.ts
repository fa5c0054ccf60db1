/** Builds a project of Compose from its options. */
import { resolve } from 'node:path';
import type { SharedCompose } from '../core/suite.ts';
import { listOf } from '../kinds/common/build.ts';
import { toDuration } from '../kinds/common/duration.ts';
import type { Scope } from '../kinds/common/scope.ts';
import { buildService } from '../kinds/common/service.ts';
import type { ComposeOptions } from './container-options.ts';

export const COMPOSE_DEFAULTS = {
  pullTimeout: '5m',
  file: 'compose.yaml',
} as const satisfies Partial<ComposeOptions>;

/** @param scope of its options */
export function buildCompose(
  name: string,
  options: ComposeOptions,
  scope: Scope,
): Pick<SharedCompose, 'type' | 'service' | 'compose'> {
  const { file = COMPOSE_DEFAULTS.file, services = [], readyTimeout, grace, env, needs, expect } = options;
  const files = listOf(file).map((each, at) => {
    const path = resolve(scope.cwd, each);
    scope.mustExist(
      path,
      typeof file === 'string' ? (options.file === undefined ? [] : ['file']) : ['file', at],
      `the file ${each}`,
    );
    return path;
  });
  const service = buildService(
    name,
    {
      run: ['docker', 'compose', ...files.flatMap((each) => ['-f', each]), 'up', ...services],
      ready: { healthy: true },
      ...(readyTimeout === undefined ? {} : { readyTimeout }),
      ...(grace === undefined ? {} : { grace }),
      ...(env === undefined ? {} : { env }),
      ...(needs === undefined ? {} : { needs }),
      ...(expect === undefined ? {} : { expect }),
    },
    scope,
    'container',
  );
  const timeout = toDuration(options.pullTimeout ?? COMPOSE_DEFAULTS.pullTimeout);
  const { scheme: schemes = {} } = options;
  return { type: 'compose', service, compose: { files, services, schemes, timeout } };
}
