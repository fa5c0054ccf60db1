/** Proofs among the behaviours: `shakedown prove` runs the same component again and again, and is struck in one of these runs. */
import { type Behaviour, programPath, type Site } from './behaviours.ts';

/** What `shakedown prove` is to do. */
export interface Proof {
  /** Options of the component that it proves, beside those that are common to all. */
  readonly component: (site: Site, expect: object) => object;
  /** One of these is tried. */
  readonly faults: readonly string[];
}

/** It runs its component as it is, then with instruments in place, then with a fault. */
export const ROUNDS = 3;

/**
 * @param python path of the interpreter itself
 */
export function proofs(python: string): Behaviour[] {
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
  });
  return [
    proof('proof-by-proxy', 2, {
      component: (_, expect) => ({
        kind: 'http',
        server: { run: py('proof-server.py'), port: 0 },
        client: { run: py('proof-client.py'), ...expect },
      }),
      faults: ['status-500', 'wrong-value', 'reset', 'hang', 'slow'],
    }),
    proof('proof-of-python', 1, calls(py('proof-caller.py'), 'proof_subject')),
    proof(
      'proof-of-node',
      1,
      calls([process.execPath, programPath('proof-caller.cjs')], programPath('proof-subject.cjs')),
    ),
  ];
}
