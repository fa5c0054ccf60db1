/** Puts the steps of a recording into the config that is proposed for a project. Pure. */
import type { ComponentOptions } from '../../config/options.ts';
import { nameFew } from '../../core/few.ts';
import { soundsSecret } from '../../core/secret-places.ts';
import { plural } from '../../core/units.ts';
import type { HttpOptions } from '../../kinds/http/options.ts';
import type { LoadOptions } from '../../load/options/options.ts';
import type { Proposal, Sighting } from '../proposal.ts';
import { Phrase } from './phrase.ts';
import type { Recording } from './recording.ts';
import type { Step } from './steps.ts';
import { free } from './words.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Requests of a run, as many as without a recording. */
const REQUESTS = 1000;
/** The command of a server that was not found. */
const PLACEHOLDER = 'npm start';
const MOST_NAMED = 8;
const SHORT = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

const withHeaders = ({ headers }: Step): { headers?: Record<string, unknown> } => {
  if (headers.length === 0) return {};
  const byName = new Map<string, Phrase[]>();
  for (const [name, value] of headers) byName.set(name, [...(byName.get(name) ?? []), value]);
  return {
    headers: Object.fromEntries(
      Array.from(byName, ([name, values]) => [name, values.length === 1 ? values[0] : values]),
    ),
  };
};

const withExpect = ({ status, isJson }: Step): { expect?: LoadOptions['expect'] } => {
  // By default any from 200 to 299 will do, which is too much where it says what has happened.
  const expect = {
    ...(status === 200 ? {} : { status }),
    ...(isJson ? { headers: { 'content-type': 'json' } } : {}),
  };
  return Object.keys(expect).length === 0 ? {} : { expect };
};

/** A step in the words of `load({ steps })`, with phrases in it. */
function optionsOf(step: Step): Record<string, unknown> {
  const { name, method, path, body, captures } = step;
  const short = method.toLowerCase();
  return {
    name,
    ...(SHORT.includes(short) ? { [short]: path } : { method, path }),
    ...withHeaders(step),
    ...(body === null ? {} : 'json' in body ? { json: body.json } : { body: body.text }),
    ...withExpect(step),
    ...(captures.length === 0
      ? {}
      : { capture: Object.fromEntries(captures.map((each) => [each.name, each.source])) }),
  };
}

/** Plain options with what must be written instead of some of their values. */
class Settled {
  readonly expressions: Record<string, string> = {};
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  value(value: unknown, path: string): unknown {
    if (value instanceof Phrase) {
      if (value.variables.length > 0) this.expressions[path] = value.code;
      return value.valueIn(this.#env);
    }
    if (Array.isArray(value)) return value.map((each, index) => this.value(each, `${path}.${index}`));
    if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, this.value(each, `${path}.${name}`)]),
    );
  }
}

function guesses(steps: readonly Step[], path: string): Record<string, string> {
  return Object.fromEntries(
    steps.flatMap(({ captures }, index) =>
      captures
        .filter(({ isGuess }) => isGuess)
        .map(({ name }) => [
          `${path}.${index}.capture.${name}`,
          'A guess by the names of the fields, since the recorded value was short.',
        ]),
    ),
  );
}

function tellRecording({ recording, file }: Recorded): Sighting[] {
  const { before, steps, requests, left, origin } = recording;
  const all = [...before, ...steps];
  const login =
    before.length === 0
      ? ''
      : `, of which the first ${before.length === 1 ? 'logs in' : `${before.length} log in`}`;
  const captured = all.flatMap(({ name, captures }) =>
    captures.map((each) => `{{${each.name}}} from ${name}${each.isGuess ? ' (a guess)' : ''}`),
  );
  return [
    {
      what: 'recorded',
      text: `${file}: ${plural(requests, 'request')}; ${plural(all.length, 'step')} at ${origin}${login}`,
    },
    ...(left.length === 0 ? [] : [{ what: 'left out', text: left.join(', ') }]),
    {
      what: 'captured',
      text:
        captured.length === 0
          ? 'nothing: no value of a response is in a later request'
          : nameFew(captured, MOST_NAMED),
    },
  ];
}

/** The server that was found; otherwise a line that the user replaces. */
function serverIn(
  proposal: Proposal,
  start: string | undefined,
): { name: string; options: HttpOptions; isFound: boolean } {
  for (const name of Object.keys(proposal.trials)) {
    const options = proposal.suite.components[name];
    if (options?.kind === 'http' && start === undefined) return { name, options, isFound: true };
  }
  const options: HttpOptions = { kind: 'http', server: { run: start ?? PLACEHOLDER, port: 0 }, client: '' };
  return { name: 'http', options, isFound: start !== undefined };
}

/** What keeps the steps from being tried, and what to do about it. */
function untried(name: string, isFound: boolean, unset: readonly string[]): Partial<Proposal> {
  if (isFound && unset.length === 0) return {};
  const said = unset.map((variable) => `${variable}=… `).join('');
  const next = isFound
    ? `${said}shakedown`
    : `put the command that starts your server into it, in place of ${PLACEHOLDER}; then ${said}shakedown`;
  return { untried: [name], next };
}

/** A recording, with the name of its file for display. */
export interface Recorded {
  readonly recording: Recording;
  readonly file: string;
}

/**
 * @param env where the secrets are
 * @param start the command of the server, if the user was asked
 */
export function withRecording(
  proposal: Proposal,
  { recording, file }: Recorded,
  env: Env,
  start?: string,
): Proposal {
  const { name: found, options, isFound } = serverIn(proposal, start);
  const isFree = proposal.trials[found]?.isLoad !== false;
  const name = isFree ? found : free('session', new Set(Object.keys(proposal.suite.components)), '-');
  const path = `components.${name}.client`;
  const settled = new Settled(env);
  const { before, steps, variables, notes } = recording;
  const client = settled.value(
    {
      kind: 'load',
      requests: Math.max(10, Math.floor(REQUESTS / steps.length / 10) * 10),
      ...(before.length === 0 ? {} : { before: before.map(optionsOf) }),
      steps: steps.map(optionsOf),
    },
    path,
  ) as LoadOptions;
  const unset = variables.filter((variable) => (env[variable] ?? '') === '');
  const unheard = variables.filter((variable) => !soundsSecret(variable));
  const component: ComponentOptions = { ...options, client };
  return {
    ...proposal,
    suite: {
      ...proposal.suite,
      ...(unheard.length === 0 ? {} : { secrets: unheard }),
      components: { ...proposal.suite.components, [name]: component },
    },
    comments: {
      ...proposal.comments,
      ...guesses(before, `${path}.before`),
      ...guesses(steps, `${path}.steps`),
      ...(isFound
        ? {}
        : { [`components.${name}.server`]: 'No server was found: put the command that starts yours here.' }),
    },
    expressions: { ...proposal.expressions, ...settled.expressions },
    seen: [...proposal.seen, ...tellRecording({ recording, file })],
    notes: [...proposal.notes, ...notes],
    trials: isFound
      ? { ...proposal.trials, [name]: { paths: proposal.trials[found]?.paths ?? ['/'], isLoad: false } }
      : proposal.trials,
    lacking: null,
    ...untried(name, isFound, unset),
  };
}
