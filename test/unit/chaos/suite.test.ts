/** What a trial of chaos has in its config. */
import { describe, expect, test } from 'vitest';
import type { Behaviour } from '../../../chaos/behaviours.ts';
import { drawTrial } from '../../../chaos/draw.ts';
import type { ChaosEvent } from '../../../chaos/events.ts';
import { isService, suiteOf } from '../../../chaos/suite.ts';

const SITE = { folder: '/stage', port: 0 };
const TRIAL = {
  ...drawTrial(1, 0, { behaviours: ['child'], events: ['end'], tiers: ['finders'] }),
  isTask: false,
  isUndone: false,
};
const CHILD: Behaviour = { name: 'child', births: 1, isSteady: true, command: () => ['child.sh'] };
const EVENT: ChaosEvent = { name: 'end', act: async () => {} };
const suite = (trial: object, behaviour: Behaviour, event: object = {}) =>
  suiteOf({ ...TRIAL, ...trial }, behaviour, { ...EVENT, ...event }, SITE) as {
    readonly services?: Readonly<Record<string, object>>;
    readonly components: { readonly attack: object };
  };

test('some trials have a task of the suite in the place of the component', () => {
  const drawn = Array.from({ length: 200 }, (_, number) =>
    drawTrial(7, number, { behaviours: ['child'], events: ['end'], tiers: ['finders'] }),
  );
  expect(drawn.filter(({ isTask }) => isTask).length).toBeGreaterThan(25);
  expect(suite({}, CHILD).services).toBeUndefined();
  const { services, components } = suite({ isTask: true }, CHILD, { limited: true });
  expect(services?.task).toMatchObject({
    kind: 'task',
    run: expect.arrayContaining(['child.sh']),
    timeout: '700ms',
  });
  expect(components.attack).toMatchObject({ kind: 'command', needs: ['task'] });
  expect(components.attack).not.toHaveProperty('timeout');
});

describe('a behaviour in a container', () => {
  const box = {
    prepare: () => {},
    service: (_: unknown, waits: boolean) => ({ kind: 'container', waits }),
    left: () => [],
    remove: () => {},
  };
  const boxed = { ...CHILD, box };

  test('is a service of the suite that its component needs, whatever was drawn for others', () => {
    const trial = { ...TRIAL, isTask: true, asService: false };
    expect(isService(trial, boxed, EVENT)).toBe(true);
    const { services, components } = suite(trial, boxed);
    expect(services).toEqual({ box: { kind: 'container', waits: false, grace: '500ms' } });
    expect(components.attack).toMatchObject({ kind: 'command', needs: ['box'] });
  });

  test('waits to be ready where the event needs a client that has not started', () => {
    expect(suite({}, boxed, { beforeClient: true }).services?.box).toMatchObject({ waits: true });
  });
});
