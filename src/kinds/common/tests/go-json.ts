/** `go test -json`: a line for each thing that happens. */
import { GoPackage, GoSession } from './go-tests.ts';
import type { KnownRunner, TestReader } from './reader.ts';

const OUTCOMES: Readonly<Record<string, 'passed' | 'failed' | 'skipped'>> = {
  pass: 'passed',
  fail: 'failed',
  skip: 'skipped',
};

interface Happening {
  readonly action: string;
  readonly of: string;
  readonly test: string | undefined;
  readonly seconds: number | null;
  readonly output: string;
  readonly failedBuild: boolean;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function happening(text: string): Happening | undefined {
  if (!text.startsWith('{"') || !text.includes('"Action":"')) return undefined;
  try {
    const fields = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const [action, of] = [textOf(fields.Action), textOf(fields.Package)];
    if (action === undefined || of === undefined) return undefined;
    const { Elapsed } = fields;
    return {
      ...{ action, of, test: textOf(fields.Test), output: textOf(fields.Output) ?? '' },
      ...{
        seconds: typeof Elapsed === 'number' ? Elapsed : null,
        failedBuild: fields.FailedBuild !== undefined,
      },
    };
  } catch {
    return undefined;
  }
}

class GoJson implements TestReader {
  readonly #session = new GoSession();
  readonly #open = new Map<string, GoPackage>();

  line(text: string, at: number): void {
    const told = happening(text);
    if (told === undefined) return;
    this.#session.seen(at);
    const tests = this.#open.get(told.of) ?? new GoPackage();
    this.#open.set(told.of, tests);
    if (told.test === undefined) this.#package(told, tests);
    else this.#test(told, told.test, tests);
  }

  #test({ action, seconds, output }: Happening, test: string, tests: GoPackage): void {
    const outcome = OUTCOMES[action];
    if (action === 'run') tests.run(test);
    else if (action === 'output' && !/^ *(?:===|---) /.test(output)) tests.print(test, output.trimEnd());
    else if (outcome !== undefined) tests.finish(test, outcome, seconds === null ? null : seconds * 1000);
  }

  #package({ action, of, failedBuild }: Happening, tests: GoPackage): void {
    const outcome = OUTCOMES[action];
    if (outcome === undefined) return;
    this.#open.delete(of);
    const why = failedBuild ? 'build failed' : 'it failed, and none of its tests';
    this.#session.add(tests.end(of, outcome === 'failed' ? 'failed' : 'passed', why));
    if (outcome === 'failed') this.#session.summary = `"Action":"fail","Package":${JSON.stringify(of)}`;
  }

  end(): ReturnType<TestReader['end']> {
    for (const [of, tests] of this.#open) this.#session.add(tests.end(of, undefined, ''));
    return this.#session.sessions(this.#open.size === 0);
  }
}

export const GO_JSON: KnownRunner = { signs: ['"Action":"'], read: () => new GoJson() };
