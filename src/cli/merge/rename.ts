/** The events of a shard as those of a part of a whole: what other shards have as well gets a name of its own. */
import { isAbsolute, join, relative } from 'node:path';
import type { Stamped } from '../../core/event.ts';
import type { Suite } from '../../core/suite.ts';
import type { ShardResult } from './result-file.ts';

const AROUND = /^(?:setup|shared|undo|teardown):/;

/** A path in the checkout of a shard, as it is in another checkout. */
export function movedPath(path: string, from: string, to: string): string {
  const own = relative(from, path);
  return isAbsolute(path) && !isAbsolute(own) && !own.startsWith('..') ? join(to, own) : path;
}

export function movedSource(source: Suite['source'], from: string, to: string): Suite['source'] {
  if (source.type === 'config') return { ...source, file: movedPath(source.file, from, to) };
  return source.type === 'convention' ? { ...source, dir: movedPath(source.dir, from, to) } : source;
}

/** Each shard has its own setup, and its own instance of a service of the suite. */
function renamed(event: Stamped, suffix: string): Stamped {
  switch (event.type) {
    case 'setup-started':
    case 'setup-finished':
    case 'teardown-started':
    case 'teardown-finished':
      return { ...event, step: `${event.step}${suffix}` };
    case 'shared-started':
    case 'shared-finished':
      return { ...event, shared: `${event.shared}${suffix}` };
    default:
      return 'component' in event && AROUND.test(event.component)
        ? { ...event, component: `${event.component}${suffix}` }
        : event;
  }
}

/**
 * @param root of the project where the parts are put together
 * @returns its events, whose times count from its own start
 */
export function eventsOf({ started, events }: ShardResult, root: string): Stamped[] {
  const { number, of } = started.shard;
  const suffix = of === 1 ? '' : ` (shard ${number})`;
  return events.map((event) => {
    const own = renamed(event, suffix);
    return 'logFile' in own && typeof own.logFile === 'string'
      ? ({ ...own, logFile: movedPath(own.logFile, started.root, root) } as Stamped)
      : own;
  });
}
