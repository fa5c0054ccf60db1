import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ComponentContext } from '../../../../src/kinds/common/context.ts';
import { type Asked, KnownOutput } from '../../../../src/kinds/types/known-output.ts';

let dir: string;
let asked: Asked;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'known-output-'));
  const [consumer, typeRoot] = [join(dir, 'consumer'), join(dir, 'types')];
  mkdirSync(typeRoot);
  mkdirSync(join(consumer, 'scratch/one'), { recursive: true });
  writeFileSync(join(consumer, 'consumer.json'), '{}');
  const folder = join(consumer, 'scratch/one');
  writeFileSync(join(folder, 'sample.mts'), "import 'lib';\n");
  asked = { consumer, folder, files: ['sample.mts'], version: '7.0.2', resolution: 'node16', typeRoot };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const SAID = "../../node_modules/lib/index.d.ts(1,1): error TS2304: Cannot find name 'Nowhere'.\n";
const known = (over: Partial<Asked> = {}): KnownOutput => {
  const context: Pick<ComponentContext, 'env' | 'version'> = {
    env: { XDG_CACHE_HOME: join(dir, 'cache') },
    version: '0.1.0',
  };
  return new KnownOutput({ ...asked, ...over }, context);
};

test('what was said is known in the folder of another run', () => {
  expect(known().get()).toBeUndefined();
  known().keep(SAID);
  const folder = join(asked.consumer, 'scratch/two');
  mkdirSync(folder);
  writeFileSync(join(folder, 'sample.mts'), "import 'lib';\n");
  expect(known({ folder }).get()).toBe(SAID);
});

test.each<[string, () => Partial<Asked>]>([
  ['another version', () => ({ version: '5.7.3' })],
  ['another resolution', () => ({ resolution: 'bundler' })],
  [
    'another text',
    () => {
      writeFileSync(join(asked.folder, 'sample.mts'), "import 'other';\n");
      return {};
    },
  ],
  [
    'a consumer that was made anew',
    () => {
      utimesSync(join(asked.consumer, 'consumer.json'), 1, 1);
      return {};
    },
  ],
  [
    'other types of Node',
    () => {
      utimesSync(asked.typeRoot, 1, 1);
      return {};
    },
  ],
])('of %s nothing is known', (_, change) => {
  known().keep(SAID);
  expect(known().get()).toBe(SAID);
  expect(known(change()).get()).toBeUndefined();
});

test('words with a path of one run are not for another', () => {
  known().keep(`${asked.folder}/sample.mts(1,1): error TS1: no\n`);
  expect(known().get()).toBeUndefined();
});
