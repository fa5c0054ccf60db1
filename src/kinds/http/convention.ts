import { EXPECT_SUCCESS } from '../../core/suite.ts';
import { buildService } from '../common/service.ts';
import type { ServiceOptions } from '../common/service-options.ts';
import type { BuildByConvention } from '../kind.ts';
import type { HttpComponent } from './component.ts';

/** An executable that serves, tried by the executable `client` beside it. */
export const httpOf: BuildByConvention = ({ file, port, daemon }, base, scope): HttpComponent => {
  const foreground = [`./${file}`] as const;
  const server: ServiceOptions = {
    ...(daemon ? { run: [...foreground, '--daemon'], foreground } : { run: foreground }),
    port,
    daemon,
    // Any answer will do; judging it is the client's job.
    ready: { http: '/', status: [100, 599] },
  };
  return {
    ...base,
    kind: 'http',
    services: [buildService(file, server, scope)],
    target: file,
    client: {
      type: 'command',
      command: { type: 'argv', argv: ['./client', port === 0 ? '$PORT' : String(port)] },
      expect: EXPECT_SUCCESS,
    },
    via: [],
  };
};
