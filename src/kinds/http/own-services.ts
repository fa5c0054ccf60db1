/** The services of a component as if they were the suite's: to be held without its client. */
import type { SharedService } from '../../core/suite.ts';
import type { HttpComponent } from './component.ts';

/** The only one bears the name of the component: `server` would say nothing. Faults are for a run with the client. */
export function ownServices({ name, services, env, uses }: HttpComponent): SharedService[] {
  const isAlone = services.length === 1;
  return services.map((service, index) => {
    // They are started one after the other, so each may rely on all before it.
    const earlier = services.slice(0, index).map((each) => each.name);
    const own = isAlone ? name : service.name;
    return {
      type: 'service',
      name: own,
      needs: [...new Set([...uses, ...earlier, ...service.needs])],
      fresh: false,
      service: { ...service, name: own, env: { ...env, ...service.env }, via: [] },
    };
  });
}
