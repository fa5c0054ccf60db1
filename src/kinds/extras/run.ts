/** Has pip or uv find what the extras of a Python package need, without installing it. */
import { join } from 'node:path';
import type { ConsumerFailure } from '../../consumer/failure.ts';
import { installerEnvironment } from '../../consumer/python/environment.ts';
import { type Argv, runTool } from '../../consumer/python/run-tool.ts';
import { type ProgramCall, runProgram } from '../../consumer/run-tool.ts';
import { nameFew } from '../../core/few.ts';
import type { Finding } from '../../core/finding.ts';
import type { GridCell } from '../../core/grid.ts';
import type { Result } from '../../core/result.ts';
import type { Environment } from '../../core/suite.ts';
import { type Ms, ms } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { tellGrid } from '../common/grids.ts';
import { answerIn } from './answer.ts';
import type { ExtrasComponent } from './component.ts';

/** Of one question, and of all: pip may try one version after another. */
const PATIENCE = ms(100_000);
const TIME = ms(150_000);
const NAMED = 3;
/** Where a requirement may be that is not for here. */
const OTHER_PYTHONS = ['3.8', '3.10', '3.12', '3.14'];
const OTHER_SYSTEMS = [
  'win_amd64',
  'win32',
  'macosx_14_0_arm64',
  'macosx_10_12_x86_64',
  'manylinux2014_x86_64',
];

interface Tried {
  readonly extra: string;
  /** Undefined: there was no answer. */
  readonly findings: readonly Finding[] | undefined;
}

/** Asks pip and uv, each time as a step of its own, for as long as there is time. */
class Asking {
  readonly #component: ExtrasComponent;
  readonly #context: ComponentContext;
  readonly #until: number;
  #steps = 0;

  constructor(component: ExtrasComponent, context: ComponentContext) {
    this.#component = component;
    this.#context = context;
    this.#until = context.clock.now() + TIME;
  }

  get isLate(): boolean {
    return this.#context.signal.aborted || this.#context.clock.now() >= this.#until;
  }

  #call(argv: Argv): [ProgramCall, ComponentContext] {
    const context = this.#context;
    const { clock, directory, env } = context;
    const patience = Math.min(PATIENCE, Math.max(0, this.#until - clock.now())) as Ms;
    this.#steps += 1;
    const call = { step: `extras-${this.#steps}`, failing: 'its extras cannot be resolved', argv };
    const signal = AbortSignal.any([context.signal, clock.timeout(patience)]);
    return [
      { ...call, cwd: directory.path, env: installerEnvironment(env) },
      { ...context, signal },
    ];
  }

  resolve(extras: readonly string[]): Promise<Result<readonly string[], ConsumerFailure>> {
    const { tools, package: about } = this.#component;
    const wanted = `${about.wheel}[${extras.join(',')}]`;
    const { pip, uv } = tools;
    return runTool(
      ...this.#call(
        uv === undefined
          ? [...pip, '--python', about.python, 'install', '--dry-run', '--progress-bar', 'off', wanted]
          : [uv, 'pip', 'install', '--dry-run', '--python', about.python, '--no-progress', wanted],
      ),
    );
  }

  /**
   * Whether a requirement that is not for here can be had for another Python or another system.
   *
   * @returns undefined if the index does not say
   */
  async isElsewhere(requirement: string): Promise<boolean | undefined> {
    const systems = OTHER_SYSTEMS.flatMap((system) => ['--platform', system]);
    const target = join(this.#context.directory.path, 'nowhere');
    const plain = ['install', '-vv', '--dry-run', '--no-deps', '--only-binary=:all:', '--target', target];
    const { pip } = this.#component.tools;
    for (const python of OTHER_PYTHONS) {
      const argv: Argv = [...pip, ...plain, '--python-version', python, ...systems, requirement];
      const ended = await runProgram(...this.#call(argv));
      if (!ended.ok) return undefined;
      const { exit, lines } = ended.value;
      if (exit.code === 0 || lines.some((line) => IGNORED.test(line))) return true;
      const lost = lines.filter((line) => NOT_FETCHED.test(line));
      if (lost.some((line) => !NO_PAGE.test(line))) return undefined;
      // Of such a name there is nothing at all.
      if (lost.length > 0) return false;
    }
    return false;
  }
}

const NOT_FETCHED = /^\s*Could not fetch URL /;
const NO_PAGE = /: 404 /;
/** There are versions for other Pythons. */
const IGNORED = /Ignored the following versions that require a different python version/;
/** `nosuch>=3; extra == "x"` */
const withoutMarker = (requirement: string): string => (requirement.split(/[;(]/, 1)[0] ?? '').trimEnd();

async function judge(
  extra: string,
  { evidence = [] }: ConsumerFailure,
  asking: Asking,
  { package: { name } }: ExtrasComponent,
): Promise<Finding[] | undefined> {
  const answer = answerIn(evidence);
  const whole = `${name}[${extra}]`;
  const elsewhere = (because: string): Finding[] => [
    { code: 'extra-elsewhere', message: `${whole} cannot be installed here: ${because}`, evidence, extra },
  ];
  const failing = (because: string): Finding[] => [
    {
      code: 'unresolvable-extra',
      message: `${whole} cannot be installed: ${because}`,
      evidence,
      hint: `see for yourself: pip install --dry-run "${whole}"`,
      extra,
    },
  ];
  if (answer.type === 'conflict') return failing('its requirements exclude each other');
  if (answer.type === 'unclear') return elsewhere(answer.because);
  const requirement = withoutMarker(answer.requirement);
  const isHidden = evidence.some((line) => IGNORED.test(line));
  const isElsewhere = isHidden || (await asking.isElsewhere(requirement));
  if (isElsewhere === undefined) return undefined;
  return isElsewhere
    ? elsewhere(`${requirement} is for another Python or another system`)
    : failing(`there is no ${requirement}`);
}

const untried = (extras: readonly string[], why: string): Extract<Finding, { code: 'extras-untried' }> => ({
  code: 'extras-untried',
  message: `not found out whether ${nameFew(extras, NAMED)} can be installed: ${why}`,
  extras,
});

/** That pip takes long says nothing of the package, and nothing of the machine. */
const notInTime = (extras: readonly string[]): Finding => ({
  ...untried(extras, 'there was no answer in time'),
  consequence: 'note',
});

function tell(
  tried: readonly Tried[],
  { package: { name } }: ExtrasComponent,
  context: ComponentContext,
): void {
  const column = 'can be installed';
  const cells = tried.map(({ extra, findings }): GridCell => {
    const place = { row: extra, column, detail: [] };
    const [finding] = findings ?? [];
    if (findings === undefined) return { ...place, outcome: 'skipped', text: 'not reached' };
    if (finding === undefined) return { ...place, outcome: 'passed', text: 'yes' };
    const outcome = finding.code === 'unresolvable-extra' ? 'failed' : 'note';
    return { ...place, outcome, text: finding.message };
  });
  const axes = { rowsAre: 'extra', columnsAre: 'what was asked', rows: tried.map(({ extra }) => extra) };
  tellGrid({ title: `the extras of ${name}`, ...axes, columns: [column], cells }, context);
}

/** Nobody can be asked: the machine, or the index, is to blame. */
const isOfMachine = ({ blame }: ConsumerFailure): boolean => blame === 'machine' || blame === 'trouble';

/** pip was told to ask nobody: what it does not find may well be there. */
const hasNoIndex = ({ PIP_NO_INDEX = '', UV_OFFLINE = '', UV_NO_INDEX = '' }: Environment): boolean =>
  [PIP_NO_INDEX, UV_OFFLINE, UV_NO_INDEX].some((value) => !/^(?:|0|false|off|no)$/i.test(value));

/** @param all what came of asking for all extras at once */
async function alone(
  extra: string,
  all: Result<readonly string[], ConsumerFailure>,
  asking: Asking,
  component: ExtrasComponent,
): Promise<readonly Finding[] | undefined> {
  const isOnly = component.extras.length === 1;
  // What can be installed together can be installed alone.
  if (all.ok) return [];
  if (asking.isLate && !isOnly) return undefined;
  const one = isOnly ? all : await asking.resolve([extra]);
  if (one.ok) return [];
  return one.error.blame === 'package' ? judge(extra, one.error, asking, component) : undefined;
}

/** As pip and uv read it between brackets. */
const MAY_BE_NAMED = /^[A-Za-z0-9](?:[\w.-]*\w)?$/;

const unnameable = (extra: string, { package: { name } }: ExtrasComponent): Finding => ({
  code: 'unresolvable-extra',
  message: `${name}[${extra}] cannot be installed: nobody can ask for an extra of that name`,
  hint: 'the name of an extra has letters, digits, and - _ . between them',
  extra,
});

export async function runExtras(component: ExtrasComponent, context: ComponentContext): Promise<Finding[]> {
  const extras = component.extras.filter((extra) => MAY_BE_NAMED.test(extra));
  const others = component.extras.filter((extra) => !extras.includes(extra));
  const asked = extras.length === 0 ? [] : await ask({ ...component, extras }, context);
  return [...others.map((extra) => unnameable(extra, component)), ...asked];
}

async function ask(component: ExtrasComponent, context: ComponentContext): Promise<Finding[]> {
  const { extras } = component;
  const asking = new Asking(component, context);
  const all = await asking.resolve(extras);
  if (context.signal.aborted) return [];
  if (!all.ok && isOfMachine(all.error)) return [untried(extras, all.error.message)];
  if (!all.ok && hasNoIndex(context.env)) return [untried(extras, 'pip was told to ask no index')];
  const tried: Tried[] = [];
  for (const extra of extras) tried.push({ extra, findings: await alone(extra, all, asking, component) });
  if (context.signal.aborted) return [];
  tell(tried, component, context);
  const left = tried.filter(({ findings }) => findings === undefined).map(({ extra }) => extra);
  return [
    ...tried.flatMap(({ findings }) => findings ?? []),
    ...(left.length === 0
      ? []
      : [asking.isLate ? notInTime(left) : untried(left, 'the index does not answer')]),
  ];
}
