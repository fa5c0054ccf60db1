/** Suites for tests, as the convention or a config would make them. */
import type { Pattern } from '../../../src/core/pattern.ts';
import {
  type Component,
  EXPECT_SUCCESS,
  PROVE_BY_DEFAULT,
  type Probe,
  type Service,
  STOP_POLITELY,
  type Suite,
} from '../../../src/core/suite.ts';
import { ms } from '../../../src/core/units.ts';
import type { CommandComponent } from '../../../src/kinds/command/component.ts';
import type { HttpComponent } from '../../../src/kinds/http/component.ts';
import fc from '../../rig/fast-check.ts';

export function command(name: string, over: Partial<CommandComponent> = {}): CommandComponent {
  return {
    name,
    kind: 'command',
    command: { type: 'argv', argv: [`./${name}`] },
    expect: EXPECT_SUCCESS,
    watched: null,
    env: {},
    cwd: '/srv/app',
    timeout: ms(600_000),
    slow: ms(60_000),
    retries: 0,
    flaky: 'warn',
    needs: [],
    uses: [],
    onlyWhenNamed: false,
    leave: [],
    before: [],
    prove: PROVE_BY_DEFAULT,
    after: [],
    ...over,
  };
}

export function service(name: string, port: number | null, over: Partial<Service> = {}): Service {
  return {
    name,
    command: { type: 'shell', line: `./${name}` },
    port,
    stdin: 'ended',
    daemon: false,
    foreground: null,
    ready: { type: 'port' },
    readyTimeout: ms(30_000),
    stop: STOP_POLITELY,
    grace: ms(5000),
    env: {},
    cwd: '/srv/app',
    needs: [],
    expect: EXPECT_SUCCESS,
    via: [],
    ...over,
  };
}

export function http(
  name: string,
  ports: readonly [number | null, ...(number | null)[]],
  over: Partial<HttpComponent> = {},
): HttpComponent {
  const [first, ...rest] = ports;
  const { command: _, expect: __, ...base } = command(name);
  return {
    ...base,
    kind: 'http',
    services: [service('server', first), ...rest.map((port, index) => service(`other${index}`, port))],
    target: 'server',
    client: { type: 'command', command: { type: 'argv', argv: ['./client'] }, expect: EXPECT_SUCCESS },
    via: [],
    ...over,
  };
}

export function suite(components: readonly Component[], over: Partial<Suite> = {}): Suite {
  return {
    name: 'integration',
    root: '/srv/app',
    source: { type: 'convention', dir: '/srv/app/integration' },
    memory: 'debug',
    env: {},
    path: [],
    setup: [],
    teardown: [],
    shared: [],
    components,
    absent: [],
    unusable: [],
    ...over,
  };
}

const text = fc.string({ unit: 'grapheme', maxLength: 8 });

const pattern: fc.Arbitrary<Pattern> = fc.oneof(
  text.map((each): Pattern => ({ type: 'text', text: each })),
  fc
    .tuple(fc.constantFrom('^up$', '\\d+', 'a|b', '/'), fc.constantFrom('', 'i', 'su'))
    .map(([source, flags]): Pattern => ({ type: 'regex', source, flags })),
);

const probe: fc.Arbitrary<Probe> = fc.letrec<{ probe: Probe }>((tie) => ({
  probe: fc.oneof(
    { maxDepth: 2 },
    pattern.map((each): Probe => ({ type: 'log', pattern: each })),
    fc.constant<Probe>({ type: 'port' }),
    fc.constant<Probe>({
      type: 'http',
      path: '/up',
      port: 8002,
      status: { from: 200, to: 399 },
      timeout: ms(1000),
    }),
    text.map((path): Probe => ({ type: 'file', path })),
    fc.array(tie('probe'), { minLength: 1, maxLength: 2 }).map((probes): Probe => ({ type: 'all', probes })),
  ),
})).probe;

const NAMES = ['thread', 'http', 'typestubs', 'init', 'client', 'late'];

const component = (name: string, before: readonly string[]): fc.Arbitrary<Component> =>
  fc
    .record({
      needs: fc.subarray([...before]),
      onlyWhenNamed: fc.boolean(),
      retries: fc.nat({ max: 3 }),
      env: fc.dictionary(fc.constantFrom('A', 'B_C', 'PATH'), text, {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      expect: fc.record(
        {
          exitCodes: fc.array(fc.nat({ max: 255 }), { maxLength: 2 }),
          output: fc.array(pattern, { maxLength: 2 }),
          forbid: fc.array(pattern, { maxLength: 1 }),
          allow: fc.array(pattern, { maxLength: 1 }),
        },
        { noNullPrototype: true },
      ),
      ports: fc.option(fc.array(fc.constantFrom(0, 8001, 8002, null), { minLength: 1, maxLength: 2 })),
      ready: probe,
    })
    .map(({ expect, ports, ready, ...common }) => {
      if (ports === null) return command(name, { ...common, expect });
      const [first = null, ...rest] = ports;
      const made = http(name, [first, ...rest], common);
      return { ...made, services: [{ ...made.services[0], ready }, ...made.services.slice(1)] };
    });

/** Any sound suite: each component needs some of those before it. */
export const anySuite: fc.Arbitrary<Suite> = fc
  .shuffledSubarray(NAMES, { minLength: 1 })
  .chain((names) =>
    fc
      .tuple(...names.map((name, index) => component(name, names.slice(0, index))))
      .map((components) => suite(components)),
  );
