import { expect, test } from 'vitest';
import { leftBehind, mayBeLeft } from '../../../src/core/leftovers.ts';
import { narrowName } from '../../../src/core/narrow-name.ts';
import fc from '../../rig/fast-check.ts';

test.each([
  ['node server.js', 'server.js'],
  ['/usr/bin/node --inspect -r ./hook.js /srv/app/server.js --port 1', 'app/server.js'],
  ['node /srv/app/index.js', 'app/index.js'],
  ['node index.js', 'node index.js'],
  ['node /tmp/trial-Ab12/worker.js', 'worker.js'],
  ['node ../worker.js', 'worker.js'],
  ['node /home/me/trial-Ab12cD/worker.js', 'worker.js'],
  ['timeout 1.5 node d.js', 'node d.js'],
  ['timeout -k 5 10s node d.js', 'node d.js'],
  ['stdbuf -o L nice -n 5 sleep 8888', 'sleep 8888'],
  ['node -e setInterval(() => {}, 1000)', 'node -e setInterval(() => {}, 1000)'],
  ['node a.js', 'node a.js'],
  ['node', undefined],
  ['python3 -m http.server', 'http.server'],
  ['python3 -u -m http.server 8000', 'http.server'],
  ['/usr/bin/python3.11 -W ignore worker.py', 'worker.py'],
  ['python3 -c import time; time.sleep(60)', 'python3 -c import time; time.sleep(60)'],
  ['python3 -', undefined],
  ['sh -c sleep 60', 'sh -c sleep 60'],
  ['/bin/bash -ec while true; do date; sleep 1; done', 'bash -ec while true; do date; sleep 1; done'],
  ['/bin/sh ./thread.sh', 'thread.sh'],
  ['sh ./s', 'sh ./s'],
  ['sh -s', undefined],
  ['bash', undefined],
  ['java -Xmx1g -cp a.jar:b.jar org.example.Main', 'org.example.Main'],
  ['java -jar /opt/server.jar', 'opt/server.jar'],
  ['deno run -A main.ts', 'deno run -A main.ts'],
  ['/usr/bin/env NODE_ENV=test node worker.js', 'worker.js'],
  ['nohup python3 -c import time', 'python3 -c import time'],
  ['/usr/bin/gpg-agent --homedir /tmp/x --daemon', 'gpg-agent'],
  ['nginx: master process nginx', 'nginx:'],
  ['sleep 60', 'sleep 60'],
  ['/bin/sleep 8888', 'sleep 8888'],
  ['sleep', 'sleep'],
  ['tail -f /var/log/app.log', 'tail -f /var/log/app.log'],
  ['redis-server *:6379', 'redis-server *:6379'],
  ['redis-server 127.0.0.1:43211', 'redis-server'],
  ['ssh-agent -s', 'ssh-agent -s'],
  ['nc -l 8000', 'nc -l 8000'],
  ['[gone]', '[gone]'],
  ['', undefined],
])('%s is allowed by %s', (command, name) => {
  expect(narrowName(command)).toBe(name);
  if (name !== undefined) expect(mayBeLeft(command, [name])).toBe(true);
});

test('a long text of a program is not repeated to its end', () => {
  expect(narrowName(`sh -c ${'date; '.repeat(100)}`)?.length).toBeLessThanOrEqual(60);
});

test('where nothing tells a process apart, no allowance is offered', () => {
  const hintOf = (command: string) => leftBehind('thread', [{ pid: 1, command, ageMs: 5 }], 'config').hint;
  expect(hintOf('node worker.js')).toContain('leave: ["worker.js"]');
  expect(hintOf('sh')).not.toContain('leave');
});

test('who follows it allows that process, and not every other one of its interpreter', () => {
  const interpreter = fc.constantFrom(
    'node',
    '/usr/bin/node',
    'python3',
    '/bin/sh',
    'bash',
    'ruby',
    'perl',
    'java',
  );
  const word = fc.oneof(
    fc.constantFrom('-c', '-e', '-m', '-u', '-x', '--', '-', '--inspect', 'a', './s', 'run'),
    fc.stringMatching(/^[\w./-]{1,12}$/),
  );
  fc.assert(
    fc.property(interpreter, fc.array(word, { maxLength: 5 }), (program, args) => {
      const command = [program, ...args].join(' ');
      const name = narrowName(command);
      if (name === undefined) return;
      expect(mayBeLeft(command, [name])).toBe(true);
      expect(mayBeLeft(`${program} ©`, [name])).toBe(false);
    }),
    { numRuns: 1000, examples: [['/bin/sh', ['n/']]] },
  );
});
