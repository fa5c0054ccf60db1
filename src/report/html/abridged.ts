/** The run as data, in which what most components have in common is said once. */
import { join, relative } from 'node:path';
import { jsonOf } from '../json.ts';
import type { RunState } from '../state.ts';

/** In texts of what is usual this stands for the name of the component. */
const NAME = '{name}';

type Plain = Readonly<Record<string, unknown>>;

const usualOf = ({ root, runDir }: RunState) => ({
  component: {
    ...{ kind: 'command', verdict: 'passed', flaky: false, slow: false, attempts: 1 },
    ...{ findings: [], earlierFindings: [], services: [] },
    logFile: relative(root, join(runDir, 'logs', `${NAME}.log`)),
  },
  step: { name: NAME, exitCode: 0, signal: null },
});

/** What of an object is not as usual. */
function unusual(all: Plain, usual: Plain, name: string): Plain {
  const expected = (key: string): string =>
    JSON.stringify(usual[key], (_, value) =>
      typeof value === 'string' ? value.replace(NAME, () => name) : value,
    );
  return Object.fromEntries(
    Object.entries(all).filter(
      ([key, value]) => !Object.hasOwn(usual, key) || JSON.stringify(value) !== expected(key),
    ),
  );
}

/** As `jsonOf`, but that components and their steps lack whatever is as `usual` says, and components what is in `columns`. */
export function abridgedOf(state: RunState) {
  const usual = usualOf(state);
  const { components, ...run } = jsonOf(state);
  return {
    ...run,
    usual,
    columns: {
      startedAfterMs: components.map(({ startedAfterMs }) => startedAfterMs),
      durationMs: components.map(({ durationMs }) => durationMs),
    },
    components: components.map(({ steps, startedAfterMs, durationMs, ...component }) => ({
      ...unusual(component, usual.component, component.name),
      steps: steps.map((step) => unusual({ ...step }, usual.step, component.name)),
    })),
  };
}
