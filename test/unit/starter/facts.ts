/** Facts of projects, as far as a test has something to say of them. */
import type {
  NodeFacts,
  OtherFacts,
  ProjectFacts,
  PythonFacts,
  ServerSigns,
  TestSigns,
} from '../../../src/starter/facts.ts';
import { NO_SERVER_SIGNS, NO_TEST_SIGNS } from '../../../src/starter/look/signs.ts';

export const NOTHING: ProjectFacts = {
  scripts: null,
  node: null,
  packages: [],
  python: null,
  others: [],
  procfile: {},
  make: [],
  compose: null,
};

export const node = (facts: Partial<NodeFacts> = {}): NodeFacts => ({
  dir: '.',
  name: 'example',
  manager: 'npm',
  hasManager: true,
  lockFile: 'package-lock.json',
  installed: { state: 'matches' },
  scripts: {},
  dependencies: [],
  server: NO_SERVER_SIGNS,
  entry: null,
  tests: [],
  data: [],
  sources: ['package.json', 'src'],
  addon: null,
  ...facts,
});

export const python = (facts: Partial<PythonFacts> = {}): PythonFacts => ({
  interpreter: '.venv/bin/python',
  venv: '.venv',
  requirements: ['requirements.txt'],
  tool: 'pip',
  dependencies: [],
  installed: { state: 'matches' },
  app: null,
  server: NO_SERVER_SIGNS,
  servers: [],
  tests: null,
  extra: null,
  searched: { own: [], foreign: [] },
  isPackage: false,
  extension: null,
  ignoredModule: null,
  buildsInPlace: false,
  migrations: null,
  data: [],
  sources: [],
  ...facts,
});

export const other = (facts: Pick<OtherFacts, 'language'> & Partial<OtherFacts>): OtherFacts => ({
  hasTool: true,
  target: null,
  server: NO_SERVER_SIGNS,
  tests: null,
  ...facts,
});

/** A server that reads PORT. */
export const SERVES: ServerSigns = {
  ...NO_SERVER_SIGNS,
  serves: true,
  port: { type: 'variable', name: 'PORT' },
};
export const OWN: TestSigns = { ...NO_TEST_SIGNS, startsOwn: true };
export const ASKS: TestSigns = { ...NO_TEST_SIGNS, needsServer: true, because: 'test/api.test.js' };
