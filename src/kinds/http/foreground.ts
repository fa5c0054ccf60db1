/** Applies `--foreground` to a suite: daemons are run by their `foreground` commands, so their output is seen. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { err, ok, type Result } from '../../core/result.ts';
import type { Component, Service, Suite } from '../../core/suite.ts';
import type { HttpComponent } from './component.ts';

const isHttp = (component: Component): component is HttpComponent => component.kind === 'http';

const stay = (service: Service): Service =>
  service.foreground === null
    ? service
    : { ...service, command: service.foreground, daemon: false, foreground: null };

function kept(component: Component): Component {
  if (!isHttp(component)) return component;
  const changed: HttpComponent = { ...component, services: component.services.map(stay) };
  return changed;
}

/**
 * @returns the suite with every daemon in the foreground; an error if it has no daemon, or one does not say how
 */
export function inForeground(suite: Suite): Result<Suite, Diagnostic[]> {
  const ofComponents = suite.components
    .filter(isHttp)
    .flatMap(({ name, services }) => services.map((service) => ({ owner: ` of ${name}`, service })));
  const ofSuite = suite.shared.flatMap((each) =>
    each.type === 'service' ? [{ owner: '', service: each.service }] : [],
  );
  const daemons = [...ofSuite, ...ofComponents].filter(({ service }) => service.daemon);
  if (daemons.length === 0)
    return err([{ message: `--foreground changes nothing: no service of ${suite.name} has daemon: true` }]);
  const mute = daemons.filter(({ service }) => service.foreground === null);
  if (mute.length > 0)
    return err(
      mute.map(({ owner, service }) => ({
        message: `--foreground: ${service.name}${owner} does not say how it is run in the foreground`,
        hint: "give its service the command, as in foreground: './server'",
      })),
    );
  const shared = suite.shared.map((each) =>
    each.type === 'service' ? { ...each, service: stay(each.service) } : each,
  );
  return ok({ ...suite, shared, components: suite.components.map(kept) });
}
