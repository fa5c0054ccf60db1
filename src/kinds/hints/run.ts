/** Checks the declarations of a Python package: by imports of all that it offers, and against what it has at run time. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConsumerFailure } from '../../consumer/failure.ts';
import { installedAs } from '../../consumer/install.ts';
import { type Mypy, obtainMypy } from '../../consumer/python/mypy.ts';
import type { Finding } from '../../core/finding.ts';
import { EXPECT_ANYTHING } from '../../core/suite.ts';
import { readJson } from '../../files/read-json.ts';
import { cacheFolder } from '../../store/consumer-cache.ts';
import { Remembered } from '../../store/remembered.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import { harnessFile, nodeOf } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import type { HintsComponent } from './component.ts';
import { CONSUMER, consumerFile, importsOf, objectionsOfMypy, objectionsOfPyright } from './consumer-file.ts';
import { hintsGrid } from './grid.ts';
import { judgeImports, judgeStubs } from './judge.ts';
import type { Objection } from './objection.ts';
import type { NamesOfModule, StubsResult } from './protocol.ts';
import { obtainPyright, type Pyright } from './pyright.ts';

const HARNESS = harnessFile('harness/python/hints.py');

/** Bumped when checkers are asked something else. */
const ASKED = 3;

/** A shell that sends what a command prints into a file, and its exit code into one beside it. */
const INTO_FILE = ['/bin/sh', '-c', 'file=$1; shift; "$@" > "$file"; echo $? > "$file.exit"', 'sh'] as const;

const unavailable = ({ message, evidence, hint }: ConsumerFailure): Finding => ({
  code: 'no-compiler',
  message,
  ...(evidence === undefined ? {} : { evidence }),
  ...(hint === undefined ? {} : { hint }),
});

const gaveUp = (what: string, evidence: readonly string[]): Finding => ({
  code: 'no-compiler',
  message: `${what} came to no result`,
  evidence,
});

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** What was said, or why there is nothing to judge. */
interface Answer<T> {
  readonly said: T | undefined;
  readonly findings: readonly Finding[];
}

class HintsRun {
  readonly #component: HintsComponent;
  readonly #context: ComponentContext;
  readonly #mypy: Mypy;
  readonly #pyright: Pyright;
  /** In the consumer: files there find nothing but what it has. */
  readonly #folder: string;

  constructor(component: HintsComponent, context: ComponentContext, mypy: Mypy, pyright: Pyright) {
    this.#component = component;
    this.#context = context;
    this.#mypy = mypy;
    this.#pyright = pyright;
    const own = `${context.directory.run}-${context.id}-hints`;
    this.#folder = join(component.package.consumer, 'scratch', own);
  }

  async run(): Promise<Finding[]> {
    mkdirSync(this.#folder, { recursive: true });
    try {
      return await this.#judge();
    } finally {
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  async #judge(): Promise<Finding[]> {
    const { modules, package: about, stubs } = this.#component;
    const names = await this.#harness<NamesOfModule[]>('names', { modules, roots: about.roots });
    if (names.said === undefined) return [...names.findings];
    const imports = importsOf(names.said);
    if (imports.length === 0)
      return [{ code: 'zero-work', message: `no module of ${about.name} could be imported here` }];
    const source = consumerFile(imports);
    writeFileSync(join(this.#folder, CONSUMER), source);
    const [mypy, pyright, compared] = await Promise.all([
      this.#remembered(['mypy', this.#mypy.version, source], () => this.#checkByMypy()),
      this.#remembered(['pyright', this.#pyright.version, source], () => this.#checkByPyright()),
      this.#remembered(['stubtest', this.#mypy.version, stubs], () => this.#compare()),
    ]);
    const judged = { ...about, isStubOnly: about.describes !== null };
    const said =
      mypy.said === undefined || pyright.said === undefined
        ? []
        : judgeImports({ names: names.said, imports, mypy: mypy.said, pyright: pyright.said }, judged);
    const ofStubs = compared.said === undefined ? [] : judgeStubs(compared.said, judged);
    const checked = {
      ...{ name: about.name, imports: imports.length, stubs: stubs.length },
      ofImports: [...said, ...mypy.findings, ...pyright.findings],
      ofStubs: [...ofStubs, ...compared.findings],
    };
    if (!this.#context.signal.aborted) tellGrid(hintsGrid(checked, this.#context), this.#context);
    return [...said, ...ofStubs, ...mypy.findings, ...pyright.findings, ...compared.findings];
  }

  /** The same checker says the same of the same files: an environment stays as it was made. */
  async #remembered<T>(question: readonly unknown[], ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const { env, signal, version } = this.#context;
    const key = ['hints', ASKED, version, ...installedAs(this.#component.package.consumer), ...question];
    return new Remembered(cacheFolder('checked', env)).recall(
      key,
      ask,
      ({ said, findings }) => said !== undefined && findings.length === 0 && !signal.aborted,
    );
  }

  async #step(name: string, argv: readonly [string, ...string[]]): Promise<readonly Finding[]> {
    const command = { type: 'argv', argv } as const;
    const { env } = this.#context;
    // Checkers exit as they like: what they print tells, or that it is missing.
    return runStep({ name, command, cwd: this.#folder, env, expect: EXPECT_ANYTHING }, this.#context);
  }

  async #harness<T>(mode: 'names' | 'stubs', job: object): Promise<Answer<T>> {
    const result = join(this.#folder, `${mode}.json`);
    const file = join(this.#folder, `${mode}.job`);
    writeFileSync(file, JSON.stringify({ ...job, result }));
    const findings = await this.#step(mode, [this.#component.package.python, '-I', HARNESS, mode, file]);
    const said = readJson<T>(result);
    if (said !== undefined || findings.length > 0 || this.#context.signal.aborted) return { said, findings };
    return { said, findings: [gaveUp(mode === 'names' ? 'the search for its names' : 'stubtest', [])] };
  }

  async #checkByMypy(): Promise<Answer<readonly Objection[]>> {
    const { python, consumer } = this.#component.package;
    const output = join(this.#folder, 'mypy.out');
    const options = ['--python-executable', python, '--cache-dir', join(consumer, 'mypy-cache')];
    const own = ['--no-implicit-reexport', '--no-error-summary', '--no-color-output', '--config-file='];
    const argv = [this.#mypy.python, '-I', '-m', 'mypy', ...options, ...own, CONSUMER];
    const findings = await this.#step('mypy', [...INTO_FILE, output, ...argv]);
    const lines = linesOf(output);
    const said = objectionsOfMypy(lines, linesOf(`${output}.exit`)[0] ?? '');
    if (said !== undefined || this.#context.signal.aborted) return { said, findings };
    return { said, findings: [...findings, gaveUp('mypy', lines.slice(-SHOWN))] };
  }

  async #checkByPyright(): Promise<Answer<readonly Objection[]>> {
    const output = join(this.#folder, 'pyright.out');
    const options = ['--pythonpath', this.#component.package.python, '--outputjson', CONSUMER];
    const argv = [nodeOf(this.#context.env), this.#pyright.program, ...options];
    const findings = await this.#step('pyright', [...INTO_FILE, output, ...argv]);
    const lines = linesOf(output);
    const said = objectionsOfPyright(lines.join('\n'));
    if (said !== undefined || this.#context.signal.aborted) return { said, findings };
    return { said, findings: [...findings, gaveUp('pyright', lines.slice(-SHOWN))] };
  }

  async #compare(): Promise<Answer<StubsResult>> {
    const { package: about, stubs } = this.#component;
    if (stubs.length === 0) return { said: { refused: [], errors: [], differences: [] }, findings: [] };
    const files = stubs.map(({ module, file }) => ({ module, file: join(about.site, file) }));
    return this.#harness('stubs', { stubs: files, tools: this.#mypy.site });
  }
}

const SHOWN = 8;

export async function runHints(component: HintsComponent, context: ComponentContext): Promise<Finding[]> {
  const { describes, name } = component.package;
  if (describes?.isInstalled === false)
    return [
      {
        code: 'zero-work',
        message: `there is nothing to hold ${name} against: ${describes.name} could not be installed beside it`,
      },
    ];
  const env = { ...context.env, ...component.indexes };
  const mypy = await obtainMypy(component.tools, { ...context, env });
  if (!mypy.ok) return [unavailable(mypy.error)];
  const pyright = await obtainPyright(context);
  if (!pyright.ok) return [unavailable(pyright.error)];
  return new HintsRun(component, context, mypy.value, pyright.value).run();
}
