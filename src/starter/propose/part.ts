/** What one corner of a project has to offer: steps before, servers, and what tries them. */
import type { ServiceOptions } from '../../kinds/http/options.ts';
import type { PortSign, TestSigns } from '../facts.ts';
import type { Sighting, Step } from '../proposal.ts';

/** A way to start the server. */
export interface ServerCandidate {
  /** What the component is called. */
  readonly name: string;
  /** For a question: `npm start`. */
  readonly label: string;
  /** How that is known. */
  readonly because: string;
  readonly service: ServiceOptions;
  /** Steps that this way needs. */
  readonly before: readonly Step[];
  readonly paths: readonly string[];
  /** The folder of the component. */
  readonly cwd: string | null;
  /** So many requests of the built-in client it may be sent. */
  readonly requests: number;
}

/** Something that tries the project. */
export interface Test {
  /** What a component of it is called. */
  readonly name: string;
  readonly run: string;
  readonly signs: TestSigns;
  readonly cwd: string | null;
  /** What it only calls, where that is known: it is left out where others do the same. */
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

/** A command, told its port as its sources say that it wants to be told. */
export function onPort(run: string, port: PortSign): Pick<ServiceOptions, 'run' | 'port'> {
  if (port.type === 'fixed') return { run, port: port.port };
  if (port.type === 'flag') return { run: `${run} ${port.flag}$PORT`, port: 0 };
  const isOther = port.type === 'variable' && port.name !== 'PORT';
  return { run: isOther ? `${port.name}=$PORT ${run}` : run, port: 0 };
}

/** How that is told to a person. */
export function showPort(port: PortSign): string {
  if (port.type === 'fixed') return `uses port ${port.port}`;
  if (port.type === 'flag') return 'takes its port as an argument';
  return port.type === 'variable' ? `reads ${port.name}` : 'where it gets its port is unclear';
}
