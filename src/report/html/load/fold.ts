import type { Stamped } from '../../../core/event.ts';
import type { LoadWindow } from '../../../core/load.ts';
import type { Fold } from '../fold.ts';
import { type Span, secondOf } from './seconds.ts';

/** The seconds of a component's load, in the last attempt. */
export interface LoadSeconds {
  readonly component: string;
  readonly seconds: readonly Span[];
}

/** What is drawn of the seconds of all loads. */
export function foldLoads(): Fold<readonly LoadSeconds[]> {
  const loads = new Map<string, { readonly seconds: Span[]; last: LoadWindow | undefined }>();
  return {
    take: (event: Stamped) => {
      if (event.type === 'run-started') loads.clear();
      if (event.type === 'component-started') loads.delete(event.component);
      if (event.type !== 'load-window') return;
      const { component, window } = event;
      const load = loads.get(component) ?? { seconds: [], last: undefined };
      loads.set(component, load);
      load.seconds.push(secondOf(window, load.last));
      load.last = window;
    },
    kept: () => [...loads].map(([component, { seconds }]) => ({ component, seconds })),
  };
}
