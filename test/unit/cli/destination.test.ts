import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Destination } from '../../../src/cli/destination.ts';
import { openReports } from '../../../src/cli/reports.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shakedown-destination-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a pipe or a socket is refused at once, whether somebody reads it or not', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const socket = join(folder, 'socket');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    for (const file of [pipe, socket])
      expect(await openReports([{ format: 'html', file }])).toMatchObject({
        error: [{ message: `the html report cannot be written to ${file}: it is no regular file` }],
      });
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    expect(() => new Destination(pipe)).toThrow('it is no regular file');
    closeSync(reader);
  } finally {
    server.close();
  }
});

test('a file to open is a regular one that was named', () => {
  const given = openSync(join(folder, 'given'), 'w');
  const isFile = (file: string | null): boolean => new Destination(file).isFile;
  expect(isFile(join(folder, 'page.html'))).toBe(true);
  for (const file of [null, '/dev/null', `/proc/self/fd/${given}`])
    expect(isFile(file), `${file}`).toBe(false);
  closeSync(given);
});

test('a device is written to, and a file from its beginning', () => {
  const device = new Destination('/dev/null');
  device.provide('early');
  device.write('late');
  expect(device.close()).toBeUndefined();

  const path = join(folder, 'new', 'file');
  for (const text of ['a longer text', 'text']) {
    const file = new Destination(path);
    file.write(text);
    expect(file.close()).toBeUndefined();
  }
  expect(readFileSync(path, 'utf8')).toBe('text');
});

test('while a pipe is full, it is waited for without work', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { O_RDWR, O_NONBLOCK } = constants;
  const fd = openSync(pipe, O_RDWR | O_NONBLOCK);
  const text = 'x'.repeat(300_000);
  let read = '';
  const take = (): void => {
    const bytes = Buffer.alloc(text.length);
    read += bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, null));
  };
  const waiting = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    take();
    return 'timed-out';
  });
  try {
    const destination = new Destination(`/proc/self/fd/${fd}`);
    destination.write(text);
    take();
    expect(read).toBe(text);
    expect(waiting.mock.calls.length).toBeGreaterThan(2);
    expect(waiting.mock.calls.length).toBeLessThan(10);
    expect(waiting.mock.calls[0]?.[3]).toBeGreaterThan(0);
  } finally {
    waiting.mockRestore();
    closeSync(fd);
  }
});
