/** A folder of scripts: the convention, written out. */
import { DEFAULT_PORT } from '../../config/convention.ts';
import type { ComponentOptions } from '../../config/options.ts';
import type { CommandOptions } from '../../kinds/command/options.ts';
import type { ServiceOptions } from '../../kinds/http/options.ts';
import type { ScriptFolder } from '../facts.ts';
import type { Proposal, ServerTrial, Step } from '../proposal.ts';
import { REQUESTS, step } from './part.ts';

type Words = readonly [string, ...string[]];

/**
 * How a script is called. Where the folder has programs of its own they are found first, as by convention: the PATH of a config
 * is that of the folder it stands in.
 */
function call({ hasOwnBin }: ScriptFolder, ...words: Words): string | Words {
  return hasOwnBin ? `PATH="$PWD/node_modules/.bin:$PATH" exec ${words.join(' ')}` : words;
}

function serverOf(folder: ScriptFolder): ServiceOptions {
  return {
    run: call(folder, './http', '--daemon'),
    foreground: call(folder, './http'),
    daemon: true,
    port: DEFAULT_PORT,
    ready: { http: '/', status: [100, 599] },
  };
}

/** @returns the proposal; its components are those of the convention, in its order and in its words */
export function proposeScripts(folder: ScriptFolder): Proposal {
  const { dir, files } = folder;
  const has = (name: string): boolean => files.includes(name);
  const cwd = { cwd: dir };
  const components: Record<string, ComponentOptions> = {};
  const trials: Record<string, ServerTrial> = {};
  const script = (name: string, options: Partial<CommandOptions> = {}): void => {
    if (has(name)) components[name] = { kind: 'command', run: call(folder, `./${name}`), ...options, ...cwd };
  };
  script('thread', folder.thread === null ? {} : { lostErrors: folder.thread });
  if (has('http')) {
    const isLoad = !has('client');
    const http: ComponentOptions = {
      kind: 'http',
      // By the name that it has there.
      services: { http: serverOf(folder) },
      client: isLoad
        ? { kind: 'load', path: '/', requests: REQUESTS }
        : call(folder, './client', String(DEFAULT_PORT)),
      ...cwd,
    };
    components.http = http;
    trials.http = { paths: ['/'], isLoad };
  }
  const sample = files.find((name) => name.startsWith('typestubs.'));
  if (sample !== undefined)
    components.typestubs = { kind: 'types', sample: `./${sample}`, onlyWhenNamed: true, ...cwd };
  script('init');
  const setup: Step[] = has('setup') ? [step({ run: call(folder, './setup'), name: 'setup', ...cwd })] : [];
  const isNothing = Object.keys(components).length === 0;
  return {
    suite: {
      memory: 'debug',
      ...(setup.length === 0 ? {} : { setup: setup.map(({ options }) => options) }),
      components,
    },
    comments: {},
    seen: [{ what: 'found', text: `${dir}/: ${files.join(', ')}; run the same way as without a config` }],
    notes: folder.unusable,
    questions: [],
    weighty: [],
    trials,
    lacking: isNothing ? `nothing in ${dir} can be run` : null,
  };
}
