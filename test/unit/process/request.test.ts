/** Who is asked to end, and when: on a process table and a clock that the test makes up. */
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../../src/core/units.ts';
import { type Manner, Request } from '../../../src/process/ownership/request.ts';
import type { Disposition, ProcessInfo } from '../../../src/process/system/proc.ts';

const GRACE = 1000 as Ms;

/** A process by its pid, its parent's, and how it takes the signal. */
type Row = readonly [pid: number, parent: number, disposition?: Disposition, state?: string];

class Stage {
  readonly sent: string[] = [];
  readonly request: Request;
  #now = 0;
  #rows: readonly Row[] = [];

  constructor(manner: Manner = {}) {
    this.request = new Request(manner, GRACE, {
      now: () => this.#now,
      send: ({ pid }, signal) => this.sent.push(`${signal} ${pid}`),
      dispositionOf: (pid) => this.#rows.find((row) => row[0] === pid)?.[2] ?? 'default',
    });
  }

  /** The pids that are asked when these live, at a time. */
  at(now: number, ...rows: Row[]): number[] {
    this.#now = now;
    this.#rows = rows;
    const before = this.sent.length;
    this.request.put(
      rows.map(
        ([pid, parent, , state = 'S']): ProcessInfo => ({
          ...{ pid, parent, state, startTicks: pid, group: 1, session: 1 },
        }),
      ),
    );
    return this.sent
      .slice(before)
      .filter((line) => !line.startsWith('SIGCONT'))
      .map((line) => Number(line.split(' ')[1]));
  }
}

const CAUGHT = 'caught' as const;

describe('who is asked to end', () => {
  test('of a primary and its workers the primary alone, as long as half of the grace', () => {
    const stage = new Stage();
    const tree: Row[] = [
      [10, 1, CAUGHT],
      [11, 10],
      [12, 10],
    ];
    expect(stage.at(0, ...tree)).toEqual([10]);
    expect(stage.at(499, ...tree)).toEqual([]);
    expect(stage.at(500, ...tree)).toEqual([11, 12]);
    expect(stage.at(999, ...tree)).toEqual([]);
  });

  test('workers whose primary has heard it and has gone are not told again before that', () => {
    const stage = new Stage();
    stage.at(0, [10, 1, CAUGHT], [11, 10]);
    expect(stage.at(1, [11, 1])).toEqual([]);
    expect(stage.at(500, [11, 1])).toEqual([11]);
  });

  test('unless it is known to have died of the signal', () => {
    const stage = new Stage({ wasKilled: ({ pid }) => pid === 10 });
    stage.at(0, [10, 1, CAUGHT], [11, 10]);
    expect(stage.at(1, [11, 1])).toEqual([11]);
  });

  test.each(['default', 'ignored'] as const)(
    'below a shell that takes it as %s, those that it started',
    (how) => {
      const stage = new Stage();
      expect(stage.at(0, [10, 1, how], [11, 10, how], [12, 11, CAUGHT], [13, 12]).sort()).toEqual([
        10, 11, 12,
      ]);
      expect(stage.at(1, [13, 1])).toEqual([]);
    },
  );

  test('below a shell that puts a SIGINT off, those that it waits for, but not what it starts then to clean up', () => {
    const stage = new Stage({ signal: 'SIGINT', first: 12 });
    const [line, script]: Row[] = [
      [10, 1, 'deferred'],
      [11, 10, 'deferred'],
    ];
    if (line === undefined || script === undefined) throw new Error('no rows');
    expect(stage.at(0, line, script, [12, 11, CAUGHT], [13, 12]).sort()).toEqual([10, 11, 12]);
    expect(stage.at(10, line, script, [14, 11])).toEqual([]);
    expect(stage.at(200, line, script, [14, 11], [15, 14])).toEqual([]);
    // Also when its shell does not wait for it.
    expect(stage.at(300, line, [14, 10])).toEqual([]);
    expect(stage.at(499, [14, 1])).toEqual([]);
    expect(stage.at(500, [14, 1])).toEqual([14]);
  });

  test('every root at once, where nobody is known to be served', () => {
    const stage = new Stage();
    expect(stage.at(0, [10, 1, CAUGHT], [11, 10], [20, 1, CAUGHT], [21, 20], [30, 1]).sort()).toEqual([
      10, 20, 30,
    ]);
  });

  test('the one that listens before whoever reads its output, which gets a moment to end with it', () => {
    const stage = new Stage({ first: 12 });
    const reader: Row = [13, 10];
    expect(stage.at(0, [10, 1], [12, 10, CAUGHT], [14, 12], reader)).toEqual([10, 12]);
    expect(stage.at(50, [12, 1, CAUGHT], [14, 12], [13, 1])).toEqual([]);
    expect(stage.at(60, [13, 1])).toEqual([]);
    expect(stage.at(159, [13, 1])).toEqual([]);
    expect(stage.at(160, [13, 1])).toEqual([13]);
  });

  test('above the one that listens only as far as nobody passes it on', () => {
    const stage = new Stage({ first: 13 });
    const tree: Row[] = [
      [10, 1, 'default'],
      [11, 10, CAUGHT],
      [12, 11, 'default'],
      [13, 12, CAUGHT],
    ];
    expect(stage.at(0, ...tree)).toEqual([10, 11]);
    expect(stage.at(1, ...tree.slice(1))).toEqual([]);
  });

  test('all, where the one that listened has gone before', () => {
    expect(new Stage({ first: 9 }).at(0, [10, 1, CAUGHT], [20, 1]).sort()).toEqual([10, 20]);
  });

  test('with another signal, where there is one; and what is stopped is made to go on', () => {
    const stage = new Stage({ signal: 'SIGQUIT' });
    stage.at(0, [10, 1, CAUGHT], [11, 10, 'default', 'T']);
    expect(stage.sent).toEqual(['SIGQUIT 10', 'SIGCONT 10', 'SIGCONT 11']);
  });

  test('of a service that wants it so only its leader, and never the others', () => {
    const stage = new Stage({ first: 11, to: 'leader' });
    const tree: Row[] = [
      [10, 1],
      [11, 10, CAUGHT],
      [12, 11],
      [20, 1, CAUGHT],
    ];
    expect(stage.at(100, ...tree)).toEqual([10, 11]);
    expect(stage.at(700, ...tree)).toEqual([]);
    expect(stage.at(900, [12, 1], [20, 1])).toEqual([]);
    expect(stage.request.deadline).toBe(1100);
  });

  test('or, where nobody is known to be served, its roots', () => {
    const stage = new Stage({ to: 'leader' });
    expect(stage.at(0, [10, 1, CAUGHT], [11, 10], [20, 1, CAUGHT]).sort()).toEqual([10, 20]);
    expect(stage.at(999, [11, 1])).toEqual([]);
  });

  test('or all at once, and those that start meanwhile', () => {
    const stage = new Stage({ first: 10, to: 'all' });
    const tree: Row[] = [
      [10, 1, CAUGHT],
      [11, 10],
    ];
    expect(stage.at(100, ...tree).sort()).toEqual([10, 11]);
    expect(stage.at(101, ...tree, [12, 10])).toEqual([12]);
    expect(stage.request.deadline).toBe(1100);
  });

  test('nobody is killed unasked, however late the looks are', () => {
    const stage = new Stage();
    expect(stage.request.deadline).toBe(Number.POSITIVE_INFINITY);
    stage.at(0, [10, 1, CAUGHT], [11, 10]);
    expect(stage.at(1700, [10, 1, CAUGHT], [11, 10])).toEqual([11]);
    expect(stage.request.deadline).toBe(2200);
    stage.at(1800, [10, 1, CAUGHT], [11, 10]);
    expect(stage.request.deadline).toBe(2200);
  });

  test('a pid that has become another process is asked anew', () => {
    const sent: string[] = [];
    const request = new Request({}, GRACE, {
      now: () => 0,
      send: (info, signal) => sent.push(`${signal} ${info.pid}:${info.startTicks}`),
      dispositionOf: () => undefined,
    });
    const info = { pid: 10, parent: 1, state: 'S', group: 1, session: 1 };
    request.put([{ ...info, startTicks: 1 }]);
    request.put([{ ...info, startTicks: 2 }]);
    expect(sent.filter((line) => line.startsWith('SIGTERM'))).toEqual(['SIGTERM 10:1', 'SIGTERM 10:2']);
  });
});
