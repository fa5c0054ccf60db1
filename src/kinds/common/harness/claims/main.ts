/**
 * Runs a command and breaks one thing that its component claims about it: what it prints, or how it exits.
 *
 * Arguments: the orders as JSON, then the command.
 */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { ClaimOrders } from '../../../../core/claim-orders.ts';
import { toRegExp } from '../../../../core/pattern.ts';

const [text = '{}', program = '', ...args] = process.argv.slice(2);
const orders = JSON.parse(text) as ClaimOrders;
const pattern = orders.type === 'hide' ? toRegExp(orders.pattern) : undefined;

/** Counts a change, for the judgement of the trial. */
const note = (): void => appendFileSync(orders.file, '1\n');

/** Empties each line that the component wants to see. */
function hide(line: string): string {
  if (pattern === undefined || !pattern.test(line)) return line;
  note();
  return '';
}

/** Passes output on line by line. */
function pass(source: NodeJS.ReadableStream, sink: NodeJS.WritableStream): void {
  let rest = '';
  source.setEncoding('latin1');
  source.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) sink.write(Buffer.from(`${changed(line)}\n`, 'latin1'));
  });
  source.on('end', () => {
    // A line that was emptied is still a line.
    if (rest !== '') sink.write(Buffer.from(changed(rest) || '\n', 'latin1'));
  });
}

/** Patterns expect text, but output may be any bytes. */
function changed(line: string): string {
  const shown = hide(Buffer.from(line, 'latin1').toString('utf8'));
  return shown === '' ? shown : line;
}

const child = spawn(program, args, { stdio: ['inherit', 'pipe', 'pipe'] });
pass(child.stdout, process.stdout);
pass(child.stderr, process.stderr);
// A signal meant for the command arrives here, and this process must not end before the command.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 127;
});
child.on('close', (code, signal) => {
  const own = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  if (orders.type === 'say') {
    note();
    process.stdout.write(`${orders.line}\n`);
  } else if (orders.type === 'exit') {
    note();
    process.exitCode = orders.code;
    return;
  }
  process.exitCode = own;
});
