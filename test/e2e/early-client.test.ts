/** The client is started while its server is not ready yet, and held: nobody must notice. */
import { expect, test } from 'vitest';
import { hasProcessTable } from '../../src/process/system/proc.ts';
import { Rig } from '../rig/rig.ts';
import { codesOf, componentOf, httpSuite, JSON_REPORT } from '../rig/services.ts';

/** Waits until a client is held. The words of who looks are not those that are looked for. */
const UNTIL_HELD = "until grep -aqs 'shakedown[-]gate' /proc/[0-9]*/cmdline; do sleep 0.05; done";

test.runIf(hasProcessTable)('of one whose server never becomes ready there is no trace', async () => {
  await using rig = await Rig.create();
  rig.config({
    components: {
      http: {
        kind: 'http',
        server: { run: `${UNTIL_HELD}; echo it is held; exit 3`, port: 0 },
        client: 'echo the client ran',
      },
    },
  });
  const run = rig.start([...JSON_REPORT]);
  expect((await run.exit()).code).toBe(1);
  const component = componentOf(rig.report());
  expect(codesOf(component)).toEqual(['not-ready']);
  expect(component.steps).toEqual([]);
  expect(rig.read('.shakedown/latest/logs/http.log')).toBe('==> server <==\nit is held\n');
  const steps = run.journal().flatMap((event) => ('step' in event ? [event.step] : []));
  expect(steps).not.toContain('client');
});

test('it counts as started when it is let go, which is after the server is ready', async () => {
  await using rig = await Rig.create();
  const { server, client, port } = await httpSuite(rig);
  const run = rig.start([...JSON_REPORT]);
  await (await server.invocation()).listen(port);
  await (await client.invocation()).exit(0);
  expect((await run.exit()).code).toBe(0);
  const journal = run.journal();
  const ready = journal.findIndex((event) => event.type === 'service-ready');
  const started = journal.findIndex((event) => event.type === 'process-started' && event.step === 'client');
  expect(ready).toBeGreaterThan(0);
  expect(started).toBeGreaterThan(ready);
});

test('whose program the server makes is started in its time', async () => {
  await using rig = await Rig.create();
  const server = rig.command();
  const port = await rig.freePort();
  const make = "printf '#!/bin/sh\\necho it was made\\n' >made; chmod +x made";
  rig.config({
    components: {
      http: { kind: 'http', server: { run: `${make}; ${server.line}`, port }, client: ['./made'] },
    },
  });
  const run = rig.start([]);
  await (await server.invocation()).listen(port);
  expect((await run.exit()).code).toBe(0);
  expect(rig.read('.shakedown/latest/logs/http.log')).toContain('it was made');
});
