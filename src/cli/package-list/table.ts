/** What came of the packages of a list, one on each line. */
import type { Stamped } from '../../core/event.ts';
import type { Finding } from '../../core/finding.ts';
import { visibleAll } from '../../core/harmless.ts';
import { shorten } from '../../core/shorten.ts';
import { formatDuration, ms } from '../../core/units.ts';
import { componentDuration } from '../../report/so-far.ts';
import {
  advance,
  type ComponentState,
  componentVerdict,
  INITIAL_STATE,
  type RunState,
} from '../../report/state.ts';
import { decisive } from '../../report/worst.ts';
import { table } from '../table.ts';
import { retriedText } from './agent-finding.ts';

const LONGEST_CAUSE = 100;

const triedIn = (findings: readonly Finding[]) => findings.find((each) => each.code === 'package-tried');
const agentIn = (findings: readonly Finding[]) => findings.find((each) => each.code === 'package-agent');

/** The version at the end of `@scope/name@1.2.3`. */
const versionOf = (name: string): string => name.slice(name.lastIndexOf('@') + 1);

function causeOf(component: ComponentState): string {
  const { findings, progress } = component;
  const text = progress.type === 'skipped' ? progress.reason : (decisive(findings)?.message ?? '');
  return shorten(text, LONGEST_CAUSE);
}

function rowOf(component: ComponentState, state: RunState, hasAgents: boolean): string[] {
  const { findings, name, progress } = component;
  const tried = triedIn(findings);
  const agent = agentIn(findings);
  const seconds = progress.type === 'skipped' ? '' : formatDuration(ms(componentDuration(component, state)));
  const retried = retriedText(agent?.lost ?? []);
  return [
    ...[name, tried === undefined ? '' : versionOf(tried.package), componentVerdict(component), seconds],
    ...(hasAgents ? [agent?.agent ?? '', retried] : []),
    causeOf(component),
  ];
}

/** @returns the lines of the table, with all text as it may be shown */
export function packageTable(state: RunState): string[] {
  const hasAgents = state.components.some(({ findings }) => agentIn(findings) !== undefined);
  const title = [
    'package',
    'version',
    'verdict',
    'time',
    ...(hasAgents ? ['agent', ''] : []),
    'first finding',
  ];
  return table([title, ...state.components.map((each) => rowOf(each, state, hasAgents))]);
}

/** Keeps what came of a run, for its table. */
export class TableFold {
  #state: RunState = INITIAL_STATE;

  take = (event: Stamped): void => {
    if (event.type !== 'output') this.#state = advance(this.#state, visibleAll(event));
  };

  get lines(): string[] {
    return packageTable(this.#state);
  }
}
