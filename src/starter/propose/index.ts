/** Turns the facts about a project into a first config. Pure: it reads nothing and asks nobody, but says what to ask. */
import type { ComponentOptions, SetupOptions } from '../../config/options.ts';
import type { ServiceOptions } from '../../kinds/common/service-options.ts';
import type { HttpOptions } from '../../kinds/http/options.ts';
import type { ProjectFacts, PythonFacts } from '../facts.ts';
import type { Answers, Proposal, Question, ServerTrial, Step } from '../proposal.ts';
import { testsRunBy } from '../test-command.ts';
import { proposeNode } from './node.ts';
import { proposeCompose, proposeMake, proposeOther, proposeProcfile } from './others.ts';
import { EMPTY_PART, type Part, type ServerCandidate, type Test } from './part.ts';
import { proposePython } from './python.ts';
import { proposeScripts } from './scripts.ts';

/** What a project would need to have. */
const WAYS =
  'shakedown new looks for a folder of scripts (thread, http with client, init), scripts in package.json, Python apps and tests, servers in Go, Rust and PHP, a Procfile, and the Makefile targets integration, e2e, smoke and test';

/**
 * @param facts what was found
 * @param answers to the questions of an earlier proposal; for questions not asked, the likeliest option is used
 */
export function propose(facts: ProjectFacts, answers: Answers = {}): Proposal {
  const proposal =
    facts.scripts === null ? assemble(partsOf(facts), answers) : proposeScripts(facts.scripts, facts);
  return facts.python === null ? proposal : withPythonPath(proposal, facts.python, facts.scripts !== null);
}

/** What only the current shell sets, the config has to set for everybody else. */
function withPythonPath(proposal: Proposal, { searched, app }: PythonFacts, isFolder: boolean): Proposal {
  const { own, foreign } = searched;
  // Scripts run in a folder of their own, where a relative path means something else.
  const unsaid = isFolder ? [...own, ...foreign] : foreign;
  const notes = unsaid.map(
    (place) =>
      `tried with ${place} in PYTHONPATH, which this shell sets: whoever runs this needs that as well`,
  );
  const isSaid = isFolder || own.length === 0 || (own.length === 1 && own[0] === app?.folder);
  const { suite } = proposal;
  return {
    ...proposal,
    suite: isSaid ? suite : { env: { PYTHONPATH: own.join(':') }, ...suite },
    notes: [...proposal.notes, ...notes],
  };
}

function partsOf(facts: ProjectFacts): Part[] {
  const { node, packages, python, others, procfile, make, compose } = facts;
  const paths = [...(node?.server.paths ?? []), ...(python?.server.paths ?? [])];
  return [
    // A Procfile says how the project is started.
    proposeProcfile(procfile, paths, python?.venv ?? null),
    node === null ? EMPTY_PART : proposeNode(node),
    ...packages.map((each) => proposeNode(each, true)),
    python === null ? EMPTY_PART : proposePython(python),
    ...others.map(proposeOther),
    proposeMake(make),
    proposeCompose(compose),
  ];
}

/**
 * Drops tests that only call others: a Makefile target that runs `go test`, a script that runs `make test`. `make test`
 * usually calls something that is found anyway, under whatever name.
 */
function withoutRepeats(tests: readonly Test[]): Test[] {
  const key = (command: string, cwd: string | null): string => JSON.stringify([cwd, testsRunBy(command)]);
  const first = tests.filter(({ calls }) => calls === undefined);
  const known = new Set(first.map(({ run, cwd }) => key(run, cwd)));
  const isFound = tests.some(({ run }) => !isMade(run));
  return tests.filter(({ run, cwd, calls }) => {
    if (calls === undefined) return true;
    if (isFound && isMade(run) && run.endsWith(' test')) return false;
    const inner = calls.map((each) => key(each, cwd));
    if (inner.length > 0 && inner.every((each) => known.has(each))) return false;
    for (const each of [key(run, cwd), ...inner]) known.add(each);
    return true;
  });
}

const isMade = (run: string): boolean => testsRunBy(run).startsWith('make ');

/** Chooses one server per name: `http`, and one for each package of a monorepo. */
function chooseServers(
  candidates: readonly ServerCandidate[],
  answers: Answers,
): { chosen: ServerCandidate[]; questions: Question[] } {
  const questions: Question[] = [];
  const names = [...new Set(candidates.map(({ name }) => name))];
  const chosen = names.flatMap((name) => {
    const options = candidates.filter((each) => each.name === name);
    const id = `server:${name}`;
    if (options.length > 1) {
      const whose = name === 'http' ? 'the server' : `the server of ${name}`;
      questions.push({ id, text: `What starts ${whose}?`, options: options.map(({ label }) => label) });
    }
    return options[answers[id] ?? 0] ?? [];
  });
  return { chosen, questions };
}

/** The command of a client, which is told where the server is by the variable that it reads. */
function clientOf({ run, signs: { variable } }: Test): string {
  if (variable === null) return run;
  return /PORT$/.test(variable) ? `${variable}=$PORT ${run}` : `${variable}=http://localhost:$PORT ${run}`;
}

class Assembly {
  readonly components: Record<string, ComponentOptions> = {};
  readonly comments: Record<string, string> = {};
  readonly trials: Record<string, ServerTrial> = {};
  readonly seen: { what: string; text: string }[] = [];

  /** A name that is not taken yet. */
  #free(name: string, run: string): string {
    if (this.components[name] === undefined) return name;
    const more = `${name}-${run.split(/[\s/]+/)[0]}`;
    return this.components[more] === undefined ? more : this.#free(`${name}-more`, run);
  }

  server(server: ServerCandidate, test: Test | undefined, name: string): void {
    const free = this.#free(name, server.label);
    const service: ServiceOptions =
      test?.signs.port != null ? { ...server.service, port: test.signs.port } : server.service;
    const options: HttpOptions = {
      kind: 'http',
      server: service,
      client: test === undefined ? loadOf(server) : clientOf(test),
      ...(server.cwd === null ? {} : { cwd: server.cwd }),
    };
    this.components[free] = options;
    this.trials[free] = { paths: pathsOf(server), isLoad: test === undefined };
    if (service.port === 0)
      this.comments[`components.${free}.server`] = '0 picks a free port and passes it on as PORT.';
    if (test === undefined && server.requests < 100)
      this.comments[`components.${free}.client`] = 'Only a few requests, since the server limits their rate.';
    this.seen.push({ what: 'server', text: `${server.label} (${server.because})` });
    const asks =
      test === undefined
        ? 'built-in: no test here talks to a running server'
        : `${test.run} (${test.signs.because} talks to a running server)`;
    this.seen.push({ what: 'client', text: asks });
  }

  command({ name, run, cwd }: Test): void {
    const free = this.#free(name, run);
    this.components[free] = { kind: 'command', run, ...(cwd === null ? {} : { cwd }) };
    this.seen.push({ what: 'command', text: run });
  }
}

const pathsOf = ({ paths }: ServerCandidate): string[] => [...new Set(['/', ...paths])];

/** The expected answer is known once the server has been tried. */
const loadOf = ({ requests, paths }: ServerCandidate): HttpOptions['client'] => ({
  kind: 'load',
  path: paths[0] ?? '/',
  requests,
  expect: { status: [100, 499] },
});

/** Drops steps that do the same as another. */
function distinct(steps: readonly Step[]): Step[] {
  const key = ({ options: { run, cwd } }: Step): string => JSON.stringify([run, cwd]);
  return steps.filter((each, index) => steps.findIndex((other) => key(other) === key(each)) === index);
}

/** Adds the folder to the names of steps that share one. */
function named(steps: readonly Step[]): SetupOptions[] {
  return steps.map(({ options }) => {
    const isShared = steps.filter((other) => other.options.name === options.name).length > 1;
    return isShared && options.cwd !== undefined
      ? { ...options, name: `${options.name} ${options.cwd}` }
      : options;
  });
}

function assemble(parts: readonly Part[], answers: Answers): Proposal {
  const { chosen, questions } = chooseServers(
    parts.flatMap(({ servers }) => servers),
    answers,
  );
  const tests = withoutRepeats(parts.flatMap((part) => part.tests));
  const assembly = new Assembly();
  const homeless: Test[] = [];
  for (const server of chosen) {
    const mine = tests.filter(({ signs, cwd }) => signs.needsServer && (cwd ?? server.cwd) === server.cwd);
    const [first, ...others] = mine;
    assembly.server(server, first, server.name);
    for (const test of others) assembly.server(server, test, test.name);
  }
  for (const test of tests) {
    const isClient = test.signs.needsServer && chosen.some(({ cwd }) => (test.cwd ?? cwd) === cwd);
    if (isClient) continue;
    if (test.signs.needsServer) homeless.push(test);
    assembly.command(test);
  }
  const steps = distinct([...parts.flatMap(({ setup }) => setup), ...chosen.flatMap(({ before }) => before)]);
  const setup = named(steps);
  const notes = [
    ...parts.flatMap((part) => part.notes),
    ...homeless.map(
      ({ run, signs }) => `${run} talks to a running server (${signs.because}), but none was found to start`,
    ),
  ];
  const isDebug = parts.some(({ memory }) => memory === 'debug');
  return {
    suite: {
      ...(isDebug ? { memory: 'debug' as const } : {}),
      ...(setup.length === 0 ? {} : { setup }),
      components: assembly.components,
    },
    comments: assembly.comments,
    seen: [...parts.flatMap(({ seen }) => seen), ...assembly.seen],
    notes,
    questions,
    weighty: steps.flatMap(({ options, weight }) =>
      weight === null ? [] : [{ run: String(options.run), weight }],
    ),
    trials: assembly.trials,
    extras: [],
    lacking: Object.keys(assembly.components).length === 0 ? WAYS : null,
  };
}
