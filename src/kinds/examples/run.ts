/** Runs the examples in the docstrings of a Python package: alone, in another process, and from several threads at once. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { type Environment, EXPECT_SUCCESS } from '../../core/suite.ts';
import { plural } from '../../core/units.ts';
import type { ComponentContext } from '../common/context.ts';
import { cellOf, tellGrid } from '../common/grids.ts';
import { harnessFile } from '../common/programs.ts';
import { runStep } from '../common/run-step.ts';
import type { ExamplesComponent } from './component.ts';
import { type ExampleEvent, readEvents } from './events.ts';
import { judgeExamples } from './judge.ts';
import { type Found, foundIn, keptBy } from './keep.ts';
import type { ExamplesJob } from './protocol.ts';

const HARNESS = harnessFile('harness/python/examples.py');

/** By the clock on the wall. Of larger packages a part is tried, evenly over their modules. */
const SECONDS = { alone: 60, again: 30, together: 90 } as const;
const EACH = 0.3;
const IMPORT = 30;

interface Said {
  readonly events: readonly ExampleEvent[];
  readonly findings: readonly Finding[];
}

class ExamplesRun {
  readonly #component: ExamplesComponent;
  readonly #context: ComponentContext;
  readonly #folder: string;

  constructor(component: ExamplesComponent, context: ComponentContext) {
    this.#component = component;
    this.#context = context;
    this.#folder = join(context.directory.path, 'examples', context.id);
  }

  async run(): Promise<Finding[]> {
    const { package: about, threads, stall } = this.#component;
    mkdirSync(this.#folder, { recursive: true });
    // Sets of strings come in another order with each seed.
    const alone = await this.#step('alone', { modules: this.#component.modules, only: null }, '1');
    const candidates = foundIn(alone.events, alone.events).flatMap(({ kept, ...each }) =>
      kept === null ? [] : [each],
    );
    if (this.#context.signal.aborted) return [...alone.findings];
    const again = await this.#step(
      'again',
      { modules: modulesOf(candidates), only: candidates.map(({ name }) => name) },
      '2',
    );
    if (this.#context.signal.aborted) return [...alone.findings, ...again.findings];
    const found = foundIn(alone.events, again.events);
    const kept = keptBy(found);
    const together = await this.#step('together', { modules: Object.keys(kept), only: null, kept }, '3');
    const findings = [...alone.findings, ...again.findings, ...together.findings];
    if (this.#context.signal.aborted) return findings;
    const { name, site } = about;
    const judged = { name, site, threads, waitedMs: stall, again: this.#context.reproduce };
    const own = judgeExamples(found, { alone: alone.events, together: together.events }, judged);
    this.#tell(found, together.events, own);
    return [...findings, ...own];
  }

  async #step(
    name: keyof typeof SECONDS,
    wanted: Pick<ExamplesJob, 'modules' | 'only'> & Partial<Pick<ExamplesJob, 'kept'>>,
    seed: string,
  ): Promise<Said> {
    if (wanted.modules.length === 0) return { events: [], findings: [] };
    const { package: about, threads, stall } = this.#component;
    const [file, events, scratch] = ['json', 'ndjson', 'd'].map((end) =>
      join(this.#folder, `${name}.${end}`),
    );
    if (file === undefined || events === undefined || scratch === undefined)
      return { events: [], findings: [] };
    mkdirSync(scratch, { recursive: true });
    const limits = { seconds: SECONDS[name], each: EACH, import: IMPORT, stall: stall / 1000, threads };
    const job: ExamplesJob = { kept: {}, ...wanted, ...limits, events, scratch };
    writeFileSync(file, JSON.stringify(job));
    const mode = name === 'together' ? 'together' : 'alone';
    const env: Environment = { ...this.#context.env, PYTHONHASHSEED: seed };
    const command = { type: 'argv', argv: [about.python, HARNESS, mode, file] } as const;
    const step = { name, command, cwd: scratch, env, expect: EXPECT_SUCCESS };
    const findings = await runStep(step, this.#context);
    return { events: readEvents(events), findings };
  }

  /** What was run, by module. */
  #tell(found: readonly Found[], together: readonly ExampleEvent[], findings: readonly Finding[]): void {
    const rows = modulesOf(found);
    const [alone, threads] = ['alone', `from ${plural(this.#component.threads, 'thread')}`];
    const cells = rows.flatMap((row) => {
      const own = found.filter(({ module }) => module === row);
      const kept = own.filter((each) => each.kept !== null);
      const runs = together.reduce(
        (sum, event) => (event.type === 'ran' && event.module === row ? sum + event.runs : sum),
        0,
      );
      const names = new Set(own.map(({ name }) => name));
      const here = findings.filter((each) => 'operation' in each && names.has(each.operation ?? ''));
      const text = `${kept.length} of ${plural(own.length, 'example')} always come to the same`;
      const detail = own.flatMap(({ name, dropped }) => (dropped === null ? [] : [`${name}: ${dropped}`]));
      return [
        cellOf({ row, column: alone }, [], { text, detail }, this.#context),
        ...(kept.length === 0
          ? []
          : [cellOf({ row, column: threads }, here, { text: plural(runs, 'run') }, this.#context)]),
      ];
    });
    const axes = { rowsAre: 'module', columnsAre: 'how they are run', columns: [alone, threads] };
    const title = `the examples of ${this.#component.package.name}`;
    tellGrid({ title, ...axes, rows, cells }, this.#context);
  }
}

const modulesOf = (found: readonly Pick<Found, 'module'>[]): string[] => [
  ...new Set(found.map(({ module }) => module)),
];

export const runExamples = (component: ExamplesComponent, context: ComponentContext): Promise<Finding[]> =>
  new ExamplesRun(component, context).run();
