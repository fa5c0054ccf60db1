/** What servers in other languages, a Procfile, a Makefile and a compose file have to offer. */
import { quote } from '../../core/quote.ts';
import type { OtherFacts, ProjectFacts } from '../facts.ts';
import { isCachedByGo } from '../test-command.ts';
import {
  EMPTY_PART,
  onPort,
  type Part,
  REQUESTS,
  type ServerCandidate,
  showPort,
  step,
  type Test,
} from './part.ts';

/** Ignored by git, like everything that Shakedown keeps in a project. */
const GO_BINARY = '.shakedown/bin/server';

const TOOLS = { go: 'go', rust: 'cargo', php: 'php' } as const;
const NAMES = { go: 'go.mod', rust: 'Cargo.toml', php: 'PHP' } as const;

function serverOf({ language, target, server }: OtherFacts): ServerCandidate[] {
  if (target === null) return [];
  const common = { name: 'http', paths: server.paths, cwd: null, requests: REQUESTS };
  switch (language) {
    case 'go': {
      // Without inputs: Go itself knows what it has to recompile.
      const build = step({ run: `go build -o ${GO_BINARY} ${quote(target)}`, name: 'build' });
      return [
        {
          ...common,
          label: `go build ${quote(target)}`,
          because: `starts a server; ${showPort(server.port)}`,
          service: onPort(`./${GO_BINARY}`, server.port),
          before: [build],
        },
      ];
    }
    case 'rust': {
      const binary = `target/debug/${target}`;
      const build = step({
        run: 'cargo build',
        name: 'build',
        inputs: ['src', 'Cargo.toml'],
        outputs: [binary],
      });
      const service = onPort(`./${binary}`, server.port);
      return [
        {
          ...common,
          label: `./${binary}`,
          because: `starts a server; ${showPort(server.port)}`,
          service,
          before: [build],
        },
      ];
    }
    case 'php': {
      const root = target === '.' ? '' : ` -t ${quote(target)}`;
      const run = `php -S 127.0.0.1:$PORT${root}`;
      return [
        {
          ...common,
          label: run,
          because: `${target === '.' ? '' : `${target}/`}index.php`,
          service: { run, port: 0 },
          before: [],
        },
      ];
    }
  }
}

/** Go would repeat the results of an earlier run, even after the server has changed. */
const TEST_RUNS = { go: 'go test -count=1 ./...', rust: 'cargo test', php: 'vendor/bin/phpunit' } as const;

function testsOf({ language, tests }: OtherFacts): Test[] {
  return tests === null ? [] : [{ name: 'test', run: TEST_RUNS[language], signs: tests, cwd: null }];
}

export function proposeOther(facts: OtherFacts): Part {
  const tool = TOOLS[facts.language];
  return {
    ...EMPTY_PART,
    servers: serverOf(facts),
    tests: testsOf(facts),
    seen: [{ what: 'found', text: NAMES[facts.language] }],
    notes: facts.hasTool ? [] : [`${tool} is not on the PATH`],
  };
}

/** @param venv the virtual environment with its programs */
export function proposeProcfile(
  procfile: ProjectFacts['procfile'],
  paths: readonly string[],
  venv: string | null,
): Part {
  const { web, release } = procfile;
  if (web === undefined) return EMPTY_PART;
  const seen = [{ what: 'found', text: `Procfile: ${Object.keys(procfile).join(', ')}` }];
  if (web.lacking !== null)
    return { ...EMPTY_PART, seen, notes: [`ignored the Procfile: ${web.lacking} is not installed`] };
  const within = (line: string): string => (venv === null ? line : `PATH="$PWD/${venv}/bin:$PATH" ${line}`);
  const before = release === undefined ? [] : [step({ run: within(release.line), name: 'release' }, 'data')];
  return {
    ...EMPTY_PART,
    seen,
    servers: [
      {
        name: 'http',
        label: `${web.line} (Procfile)`,
        because: 'the Procfile says so',
        service: { run: within(web.line), port: 0 },
        before,
        paths,
        cwd: null,
        requests: REQUESTS,
      },
    ],
  };
}

export function proposeMake(make: ProjectFacts['make']): Part {
  if (make.length === 0) return EMPTY_PART;
  return {
    ...EMPTY_PART,
    tests: make.map(({ name, signs, commands }) => ({
      name,
      run: `${commands.some(isCachedByGo) ? 'GOFLAGS="-count=1 $GOFLAGS" ' : ''}make ${name}`,
      signs,
      cwd: null,
      calls: commands,
    })),
    seen: [{ what: 'found', text: `Makefile: ${make.map(({ name }) => name).join(', ')}` }],
  };
}

export function proposeCompose(compose: ProjectFacts['compose']): Part {
  if (compose === null) return EMPTY_PART;
  const { file, services } = compose;
  const names = services.length === 0 ? 'its services' : services.join(', ');
  return {
    ...EMPTY_PART,
    seen: [{ what: 'found', text: `${file}: ${names}` }],
    notes: [
      `the services in ${file} (${names}) are not started; if the project needs them, run docker compose up -d --wait first`,
    ],
  };
}
