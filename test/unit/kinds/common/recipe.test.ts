import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { headline } from '../../../../src/core/headline.ts';
import { explainSilence, withoutEchoes } from '../../../../src/kinds/common/recipe.ts';

const OUTPUTS = resolve(import.meta.dirname, '../../../fixtures/headlines');
const output = (name: string): string[] =>
  readFileSync(join(OUTPUTS, `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n');

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'recipe-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

/** A Makefile whose recipe begins on its second line. */
const make = (recipe: readonly string[], folder = cwd): void =>
  writeFileSync(join(folder, 'Makefile'), `smoke: build\n${recipe.map((line) => `\t${line}\n`).join('')}`);

const error = (line: number, code: number): string => `make: *** [Makefile:${line}: smoke] Error ${code}`;

describe('the commands that make and just show', () => {
  test('are not what went wrong', () => {
    make(['go build ./...', 'curl -sf http://localhost:$(PORT)/health | grep $$USER', './never']);
    const lines = ['go build ./...', 'curl -sf http://localhost:8001/health | grep $USER', error(3, 22)];
    expect(withoutEchoes(lines, cwd)).toEqual([error(3, 22)]);
    expect(headline(withoutEchoes(lines, cwd))).toBe(error(3, 22));
  });

  test('are shown once: what a command prints like it stays', () => {
    make(['sh -x smoke.sh']);
    expect(withoutEchoes(['sh -x smoke.sh', 'sh -x smoke.sh', error(2, 1)], cwd)).toEqual([
      'sh -x smoke.sh',
      error(2, 1),
    ]);
  });

  test('go on below', () => {
    make(['./smoke --all \\', '  --strict']);
    expect(withoutEchoes(['./smoke --all \\', '  --strict', error(2, 1)], cwd)).toEqual([error(2, 1)]);
  });

  test('are not shown after an @', () => {
    make(['@echo got 200; exit 1']);
    expect(withoutEchoes(['got 200', error(2, 1)], cwd)).toEqual(['got 200', error(2, 1)]);
  });

  test('are left where nothing but variables stands: they may be anything', () => {
    make(['$(SMOKE) $(FLAGS)']);
    expect(withoutEchoes(['got 200', error(2, 1)], cwd)).toEqual(['got 200', error(2, 1)]);
  });

  test('stand in the folder that make has entered', () => {
    mkdirSync(join(cwd, 'api'));
    make(['./smoke'], join(cwd, 'api'));
    const lines = [
      'make -C api',
      `make[1]: Entering directory '${join(cwd, 'api')}'`,
      './smoke',
      'make[1]: *** [Makefile:2: smoke] Error 3',
      `make[1]: Leaving directory '${join(cwd, 'api')}'`,
      'make: *** [Makefile:2: all] Error 2',
    ];
    expect(withoutEchoes(lines, cwd)).not.toContain('./smoke');
  });

  test('of just stand in its justfile', () => {
    writeFileSync(
      join(cwd, 'justfile'),
      'smoke:\n    sh smoke.sh\n\nsilent:\n    @sh smoke.sh\n\ncode := "22"\nmute:\n    sh mute.sh {{code}}\n',
    );
    expect(headline(withoutEchoes(output('just-mute'), cwd))).toMatch(/^error: recipe `mute` failed/);
  });

  test('are left where the file cannot be read', () => {
    expect(withoutEchoes(['./smoke', error(2, 1)], cwd)).toEqual(['./smoke', error(2, 1)]);
  });
});

describe('a command of a task runner that said nothing', () => {
  test.each([
    ['make-silent-mute', 'the recipe of mute ended with 22 and printed nothing'],
    ['npm-mute', '`sh mute.sh` printed nothing'],
    ['yarn-mute', '`sh mute.sh` ended with 22 and printed nothing'],
    ['pnpm-mute', '`sh mute.sh` ended with 22 and printed nothing'],
    ['bun-mute', '`sh mute.sh` ended with 22 and printed nothing'],
    ['task-mute', '`sh mute.sh` ended with 22 and printed nothing'],
    ['nox-mute', '`sh mute.sh` ended with 22 and printed nothing'],
    ['tox-mute', '`sh mute.sh` ended with 22 and printed nothing'],
    ['poe-mute', '`sh mute.sh` printed nothing'],
    ['ninja-mute', '`sh mute.sh` printed nothing'],
  ])('is told: %s', (name, hint) => {
    expect(explainSilence(output(name), cwd)).toBe(hint);
  });

  test('curl is told how to speak', () => {
    make(['@curl -sf http://localhost:8001/health']);
    expect(explainSilence([error(2, 52)], cwd)).toBe(
      '`curl -sf http://localhost:8001/health` ended with 52 and printed nothing; curl says why if it is given -S',
    );
    make(['@curl -fsS http://localhost:8001/health']);
    expect(explainSilence([error(2, 22)], cwd)).not.toContain('says why');
  });

  test.each([
    'make-smoke',
    'npm-run',
    'yarn-run',
    'just-smoke',
    'tox-smoke',
    'go-run',
    'make-norule',
    'make-missing',
  ])('of one that speaks nothing is said: %s', (name) => {
    expect(explainSilence(output(name), cwd)).toBeUndefined();
  });
});
