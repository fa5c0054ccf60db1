/** What one part of a project has to offer: setup steps, servers, and tests. */
import type { ServiceOptions } from '../../kinds/common/service-options.ts';
import type { PortSign, TestSigns } from '../facts.ts';
import type { Sighting, Step } from '../proposal.ts';

/** A way to start the server. */
export interface ServerCandidate {
  /** The name of the component. */
  readonly name: string;
  /** For a question: `npm start`. */
  readonly label: string;
  /** What it was derived from. */
  readonly because: string;
  readonly service: ServiceOptions;
  /** Steps that it needs first. */
  readonly before: readonly Step[];
  readonly paths: readonly string[];
  /** The folder of the component. */
  readonly cwd: string | null;
  /** How many requests the built-in client may send it. */
  readonly requests: number;
}

/** Something that tests the project. */
export interface Test {
  /** The name of its component. */
  readonly name: string;
  readonly run: string;
  readonly signs: TestSigns;
  readonly cwd: string | null;
  /** What it merely calls, if known: it is left out if others do the same. */
  readonly calls?: readonly string[];
}

export interface Part {
  readonly setup: readonly Step[];
  readonly servers: readonly ServerCandidate[];
  readonly tests: readonly Test[];
  readonly seen: readonly Sighting[];
  readonly notes: readonly string[];
  readonly memory: 'debug' | 'off';
}

export const EMPTY_PART: Part = { setup: [], servers: [], tests: [], seen: [], notes: [], memory: 'off' };

export const REQUESTS = 1000;

export const step = (options: Step['options'], weight: Step['weight'] = null): Step => ({ options, weight });

/** A command that is told its port in the way that its sources expect. */
export function onPort(run: string, port: PortSign): Pick<ServiceOptions, 'run' | 'port'> {
  if (port.type === 'fixed') return { run, port: port.port };
  if (port.type === 'flag') return { run: `${run} ${port.flag}$PORT`, port: 0 };
  const isOther = port.type === 'variable' && port.name !== 'PORT';
  return { run: isOther ? `${port.name}=$PORT ${run}` : run, port: 0 };
}

/** The same, for display. */
export function showPort(port: PortSign): string {
  if (port.type === 'fixed') return `uses port ${port.port}`;
  if (port.type === 'flag') return 'takes its port as an argument';
  return port.type === 'variable' ? `reads ${port.name}` : 'where it gets its port is unclear';
}
