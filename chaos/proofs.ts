/** Proofs among the behaviours: `shakedown prove` runs the same component again and again, and is struck in one of these runs. */
import { spawnSync } from 'node:child_process';
import { type Behaviour, programPath, type Site } from './behaviours.ts';
import type { Say } from './daemons.ts';

/** What `shakedown prove` is to do. */
export interface Proof {
  /** Options of the component that it proves, beside those that are common to all. */
  readonly component: (site: Site, expect: object) => object;
  /** One of these is tried. */
  readonly faults: readonly string[];
  /** How often it runs its component: as it is, then with instruments in place, then with a fault. */
  readonly rounds: number;
  /** Whether it listens on the port of its site. */
  readonly listens?: true;
}

const PROXY_FAULTS = ['status-500', 'wrong-value', 'reset', 'hang', 'slow'];

/** Whether Shakedown can make network namespaces here. */
function permitsNetworks(say: Say): boolean {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps'];
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  const line = [...user, '--net', 'ip', 'link', 'set', 'lo', 'up'];
  const { status, stderr } = spawnSync('unshare', line, { env, encoding: 'utf8' });
  if (status !== 0) say(`SKIPPED: proof-in-own-network: ${stderr?.trim() ?? 'unshare is not installed'}`);
  return status === 0;
}

/**
 * @param python path of the interpreter itself
 */
export function proofs(python: string, say: Say): Behaviour[] {
  const py = (name: string): string[] => [python, '-B', programPath(name)];
  const proof = (name: string, births: number, proves: Proof): Behaviour => ({
    name,
    births,
    isSteady: false,
    command: () => [],
    proof: proves,
  });
  const calls = (run: readonly string[], module: string): Proof => ({
    component: (_, expect) => ({ kind: 'command', run, ...expect, prove: { module } }),
    faults: ['answer wrong-result', 'answer raises', 'import-fails'],
    rounds: 3,
  });
  // Its port is written into both, so it needs one control more, with the client in a network of its own.
  const insisting = proof('proof-in-own-network', 2, {
    component: ({ port }, expect) => ({
      kind: 'http',
      server: { run: py('proof-server.py'), port },
      client: { run: [...py('proof-insister.py'), String(port - 1)], ...expect },
    }),
    faults: PROXY_FAULTS,
    rounds: 4,
    listens: true,
  });
  return [
    proof('proof-by-proxy', 2, {
      component: (_, expect) => ({
        kind: 'http',
        server: { run: py('proof-server.py'), port: 0 },
        client: { run: py('proof-client.py'), ...expect },
      }),
      faults: PROXY_FAULTS,
      rounds: 3,
    }),
    ...(permitsNetworks(say) ? [insisting] : []),
    proof('proof-of-python', 1, calls(py('proof-caller.py'), 'proof_subject')),
    proof(
      'proof-of-node',
      1,
      calls([process.execPath, programPath('proof-caller.cjs')], programPath('proof-subject.cjs')),
    ),
  ];
}
