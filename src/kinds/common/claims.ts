/** Faults that break exactly one claim of a component about a command's output or exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClaimOrders } from '../../core/claim-orders.ts';
import { showPattern } from '../../core/pattern.ts';
import type { Reach } from '../../core/proof.ts';
import type { Command, Component, Expectation } from '../../core/suite.ts';
import type { Fault, Faults, Unreachable } from './fault.ts';
import { exampleOf } from './pattern-example.ts';
import { harnessFile } from './programs.ts';

export const EXPECT_OUTPUT = 'expected-output';
export const EXPECT_FORBID = 'forbidden-output';
export const EXPECT_EXIT = 'exit-code';

export const CLAIM_WORDS = [EXPECT_OUTPUT, EXPECT_FORBID, EXPECT_EXIT] as const;

const fileIn = (folder: string): string => join(folder, 'claims');

/** The same command, with one thing broken. */
function wrapped(command: Command, orders: ClaimOrders): Command {
  const argv = command.type === 'argv' ? command.argv : (['/bin/sh', '-c', command.line] as const);
  const program = harnessFile('harness-claims.js');
  return { type: 'argv', argv: [process.execPath, program, JSON.stringify(orders), ...argv] };
}

/** How often the program has changed something. */
function changes(folder: string): number {
  try {
    return readFileSync(fileIn(folder), 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}

/** An exit code that is not accepted; undefined if all are. */
const otherCode = (accepted: readonly number[]): number | undefined =>
  Array.from({ length: 126 }, (_, code) => code).find((code) => !accepted.includes(code));

export interface Claimed {
  readonly expect: Expectation;
  readonly command: Command;
  /** The step that runs the command: `client`. */
  readonly checker: string;
  /** The component with another command. */
  readonly put: (command: Command) => Component;
}

/** The control: the command runs as it would with a fault. */
export const withoutFault = ({ command }: Pick<Claimed, 'command'>, folder: string): Command =>
  wrapped(command, { type: 'nothing', file: fileIn(folder) });

/** One fault for each claim; exiting with 0, which every command must do, does not count as one. */
export function claimFaults({ expect, command, checker, put }: Claimed): Faults {
  const common = (orders: (file: string) => ClaimOrders, unit: string) => ({
    isDemanded: true as const,
    checker,
    sabotage: (folder: string) => put(wrapped(command, orders(fileIn(folder)))),
    reach: ({ folder }: { readonly folder: string }): Reach => ({ changed: changes(folder), of: null, unit }),
  });
  const output = expect.output.map((pattern): Fault => {
    const shown = showPattern(pattern);
    return {
      ...common((file) => ({ type: 'hide', pattern, file }), 'line'),
      fault: EXPECT_OUTPUT,
      subject: shown,
      isNoticed: (finding) => finding.code === 'missing-output' && finding.pattern === shown,
      deed: `every line with ${shown} was emptied`,
      advice:
        'have `expect.output` name a text that only a good run prints; a pattern that matches an empty line matches anything',
    };
  });
  const faults: Fault[] = [...output];
  const unreachable: Unreachable[] = [];
  for (const pattern of expect.forbid) {
    const line = exampleOf(pattern);
    const shown = showPattern(pattern);
    const name = { fault: EXPECT_FORBID, subject: shown };
    if (line === undefined)
      unreachable.push({
        ...{ ...name, isDemanded: false },
        reason: `no line could be made up that ${shown} matches`,
        advice: 'write it as a text if it is one',
      });
    else
      faults.push({
        ...{ ...name, ...common((file) => ({ type: 'say', line, file }), 'line') },
        isNoticed: (finding) => finding.code === 'forbidden-output' && finding.pattern === shown,
        deed: `${JSON.stringify(line)} was printed`,
        advice: 'see whether `expect.allow` lets the same lines through',
      });
  }
  const isDefault = expect.exitCodes.length === 1 && expect.exitCodes[0] === 0;
  const code = otherCode(expect.exitCodes);
  if (!isDefault && code !== undefined)
    faults.push({
      ...common((file) => ({ type: 'exit', code, file }), 'exit code'),
      fault: EXPECT_EXIT,
      subject: expect.exitCodes.join(' or '),
      isNoticed: (finding) => finding.code === 'exit-code' && finding.exitCode === code,
      deed: `it exited with ${code}`,
      advice: 'have `expect.exitCode` name only the codes of a good run',
    });
  return { faults, unreachable };
}
