/** Which containers of earlier runs nobody else will remove. */
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { straysIn } from '../../../../src/process/containers/strays.ts';
import { readProcess } from '../../../../src/process/system/proc.ts';
import { whereabouts } from '../../../../src/store/life.ts';

const RUN = '20261127-090000-abcdef';
const DEAD = { run: RUN, pid: 2 ** 22 + 1, startTicks: 1, ...whereabouts(), group: null };
const ALIVE = { ...DEAD, pid: process.pid, startTicks: readProcess(process.pid)?.startTicks ?? 0 };
const GONE = '/nowhere/.shakedown/runs/x';

const labels = (runner: unknown, folder = GONE, run = RUN) => ({
  'shakedown.run': run,
  'shakedown.runner': typeof runner === 'string' ? runner : JSON.stringify(runner),
  'shakedown.folder': folder,
});

function strays(all: Readonly<Record<string, object | null>>) {
  const found = Object.entries(all).map(([name, Labels]) => JSON.stringify({ Name: `/${name}`, Labels }));
  const named = (kind: string): string[] => found.map((line) => line.replace('"/', `"${kind} `));
  const inspected: Readonly<Record<string, string[]>> = {
    ...{ container: found, network: named('net'), volume: named('stack') },
  };
  return straysIn({
    ...{ name: 'docker', program: 'docker', env: {} },
    ask: async ([what = '', how]) => {
      const lines = how === 'inspect' ? (inspected[what] ?? []) : Object.keys(all);
      return { code: 0, complaint: '', isLate: false, out: `${lines.join('\n')}\n` };
    },
  });
}

test('those of a run that is dead, and whose folder is gone', async () => {
  expect(
    await strays({
      left: labels(DEAD),
      'of a live run': labels(ALIVE),
      'of a run that may live, since its process cannot be seen': labels({ ...DEAD, pid: 0 }),
      'to be undone from a folder that cannot be looked at': labels(DEAD, `/${'x'.repeat(300)}/runs/x`),
      'to be undone from its folder': labels(DEAD, tmpdir()),
      'of another machine': labels({ ...DEAD, boot: 'other', machine: 'other' }),
      'with the label of somebody else': labels(DEAD, GONE, 'nightly'),
      'of which another run is told': labels({ ...DEAD, run: '20261127-090000-other1' }),
      'badly labelled': labels('{'),
      'without labels': null,
    }),
  ).toEqual([
    { kind: 'container', name: 'left', run: RUN },
    { kind: 'network', name: 'net left', run: RUN },
    { kind: 'project', name: 'stack left', run: RUN },
  ]);
  expect(await strays({})).toEqual([]);
});
