import { describe, expect, test } from 'vitest';
import { failureFinding, MachineTrouble, troubleOf } from '../../../src/core/failure.ts';
import { failureOf } from '../../../src/load/engine/socket.ts';
import { explainStartFailure, startFinding } from '../../../src/process/system/start-failure.ts';

const errno = (code: string, syscall: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: some words, ${syscall}`), { code, syscall });

describe('trouble of the machine', () => {
  test.for([
    ['ENOSPC', 'write'],
    ['EDQUOT', 'write'],
    ['EMFILE', 'open'],
    ['ENFILE', 'scandir'],
    ['EAGAIN', 'spawn /bin/sh'],
    ['ENOMEM', 'fork'],
    ['EADDRNOTAVAIL', 'connect'],
  ] as const)('%s in %s is told with what to raise, and is no bug', ([code, syscall]) => {
    const finding = failureFinding(errno(code, syscall), 'thread', 'a file');
    expect(finding).toMatchObject({ code: 'machine-trouble', hint: expect.stringMatching(/\w/) });
    expect(finding.message).toContain(code);
    expect(finding.message).not.toContain('bug');
  });

  test('a thread that cannot be started', () => {
    const error = Object.assign(new Error('Worker initialization failure: EMFILE'), {
      code: 'ERR_WORKER_INIT_FAILED',
    });
    expect(troubleOf(error)).toEqual(troubleOf(errno('EMFILE', 'open')));
  });

  test.for([
    [errno('ENOENT', 'open'), 'a file that is not there'],
    [errno('EAGAIN', 'read'), 'nothing to read at the moment'],
    [new TypeError('x is not a function'), 'a bug'],
    ['a string', 'what was thrown is no error'],
    [undefined, 'nothing at all'],
  ] as const)('%s: %s is none', ([error]) => {
    expect(troubleOf(error)).toBeUndefined();
    expect(failureFinding(error, 'thread', 'the file')).toMatchObject({
      code: 'internal-error',
      hint: 'this is a bug in Shakedown: please report it, with the stack trace in the file',
    });
  });

  test('what is known better is told as it is', () => {
    const error = new MachineTrouble('no home', 'set HOME');
    expect(failureFinding(error, 'types', '')).toEqual({
      code: 'machine-trouble',
      message: 'types could not be done: no home',
      hint: 'set HOME',
    });
  });

  test('a command that cannot be forked is not held against the command', () => {
    const command = { type: 'argv', argv: ['/bin/true'] } as const;
    const where = { cwd: '/', env: {} };
    const failure = explainStartFailure(command, where, errno('EAGAIN', 'spawn /bin/true'));
    expect(startFinding('thread', failure)).toMatchObject({
      code: 'machine-trouble',
      message: expect.stringContaining('no more processes'),
      hint: expect.stringContaining('ulimit -u'),
    });
  });

  test.for(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS'])(
    '%s of a connection is not the target’s',
    (code) => {
      expect(failureOf(errno(code, 'connect'), false).kind).toBe('machine');
      expect(failureOf(errno('ECONNREFUSED', 'connect'), false).kind).toBe('connect');
      expect(failureOf(errno(code, 'read'), true).kind).toBe('cut-off');
    },
  );
});
