/** What is said of a program that has ended by itself, and that it is only said where the machine shows it. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type EndedService, hintForEnd } from '../../../src/process/service/end-hints.ts';
import { hasProcessTable } from '../../../src/process/system/proc.ts';
import { explainLineEnds } from '../../../src/process/system/start-failure.ts';

import { serviceSpec } from '../../rig/service-spec.ts';

const spec = serviceSpec();

/** Of a server that could not listen; nothing is started for it. */
const hintOf = (port: number, line: string): Promise<string | undefined> =>
  hintForEnd({
    ...{ spec, port, lines: ['starting', line], isError: true, lifeMs: 10, left: [] },
    ...{ exit: { code: 1, signal: null }, context: {} },
  } as unknown as EndedService);

describe.runIf(hasProcessTable)('an address that is in use', () => {
  const complaint = 'Error: listen EADDRINUSE: address already in use 127.0.0.1';

  test('is held by whoever listens there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await hintOf(port, complaint)).toContain(`(pid ${process.pid}, up for `);
    expect(await hintOf(port, 'Error: no database')).toBeUndefined();
    server.close();
    await once(server, 'close');
    expect(await hintOf(port, complaint)).toBeUndefined();
  });

  test('may be that of connections which a server before it has closed', async () => {
    const server = createServer((socket) => socket.end('closed by the server first')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1').resume();
    await once(client, 'close');
    server.close();
    await once(server, 'close');
    const hint = await hintOf(port, 'OSError: [Errno 98] Address already in use');
    expect(hint).toContain(`nothing listens on port ${port}, but the kernel remembers connections`);
    expect(hint).toContain('SO_REUSEADDR');
  });
});

test('a script with Windows line ends is named when a line for the shell has called it', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'line-ends-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'windows'), '#!/usr/bin/env node\r\nconsole.log(1)\r\n', { mode: 0o755 });
  writeFileSync(join(cwd, 'unix'), '#!/bin/sh\necho 1\n', { mode: 0o755 });
  const explain = (line: string, code = 127): string | undefined =>
    explainLineEnds({ type: 'shell', line }, cwd, code);
  const hint =
    './windows has Windows line endings, so the system looks for an interpreter named "/usr/bin/env node\\r"';
  expect(explain('cd . && ./windows --all; true')).toContain(hint);
  expect(explain('./unix && "./windows"', 126)).toContain(hint);
  expect(explain('./windows', 1)).toBeUndefined();
  expect(explain('./unix; ./absent')).toBeUndefined();
  expect(explainLineEnds({ type: 'argv', argv: ['./windows'] }, cwd, 127)).toBeUndefined();
});

test('a line that a hint gives can be pasted, whatever quotes are in it', async () => {
  const line = 'node -e "setTimeout(() => {}, 100)"';
  const hint = await hintForEnd({
    ...{
      spec: { ...spec, command: { type: 'shell', line } },
      port: null,
      lines: [],
      isError: false,
      left: [],
    },
    // Too long for it to be tried again.
    ...{ lifeMs: 60_000, exit: { code: 0, signal: null }, context: { signal: new AbortController().signal } },
  } as unknown as EndedService);
  const pasted = /task\(\{ run: (".*") \}\)/.exec(hint ?? '')?.[1] ?? '';
  expect(JSON.parse(pasted)).toBe(line);
});
