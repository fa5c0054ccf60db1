/** `shakedown package --list`: many packages as one run. */
import { expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';

test('each package of a list is tried as by itself, and all of them are one run', async () => {
  await using rig = await Rig.create();
  rig.write('tool/package.json', '{"name":"@scope/tool","version":"1.2.3","bin":"tool.js"}');
  rig.write('tool/tool.js', '#!/usr/bin/env node\nconsole.log("a tool");\n');
  rig.write('bare/package.json', '{"name":"bare","version":"2.0.0","bin":"bare.js"}');
  rig.write('bare/bare.js', 'console.log("no shebang");\n');
  rig.write('packages.txt', '# ours\n./tool\n./bare\n\n./tool # again\n');
  const run = rig.start(
    ['package', '--list', 'packages.txt', '--jobs', '2', '--report', 'json=report.json'],
    {
      XDG_CACHE_HOME: `${rig.dir}/cache`,
      npm_config_cache: `${rig.dir}/npm`,
    },
  );
  const { code, stdout, stderr } = await run.exit();
  expect(code, stdout).toBe(1);
  expect(stderr).toContain('packages.txt:5: ./tool is in line 2 already, and is tried once');
  const { suite, components } = rig.report();
  expect(suite).toBe('packages.txt');
  expect(components).toMatchObject([
    { name: './tool', kind: 'package', verdict: 'passed', findings: [{ package: '@scope/tool@1.2.3' }] },
    {
      ...{ name: './bare', verdict: 'failed' },
      findings: [
        { code: 'package-failed', part: 'bin:bare', cause: 'cannot-start' },
        { package: 'bare@2.0.0' },
      ],
    },
  ]);
  expect(stdout).toMatch(/^ {2}\.\/tool {3}1\.2\.3 {4}passed {3}[\d.]+ m?s$/m);
  expect(stdout).toMatch(
    /^ {2}\.\/bare {3}2\.0\.0 {4}failed {3}[\d.]+ m?s +bin:bare: bare\.js has no shebang/m,
  );
  // What a trial has printed, and the logs of what it ran.
  const [tool] = components;
  expect(rig.read(tool?.logFile ?? '')).toContain('@scope/tool@1.2.3');

  const refused = await rig.start(['package', './tool', '--list', '/dev/null']).exit();
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('so "./tool" has no place beside it');
  expect(refused.stderr).toContain('there is no package in /dev/null');
  const python = await rig.start(['package', '--list', 'packages.txt', '--python', '3.11']).exit();
  expect(python).toMatchObject({ code: 2, stdout: '' });
  expect(python.stderr).toContain('--python is for packages of Python, and there is none in packages.txt');
});
