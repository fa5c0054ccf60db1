/** What the first import of a module brings with it on purpose: time, or another module. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Orders } from './orders.ts';
import type { Record } from './record.ts';

/** Burns processor time, not time: a busy machine stretches it as it stretches the start that it is compared with. */
function burn(milliseconds: number): void {
  const spent = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  for (const end = spent() + milliseconds; spent() < end; );
}

/** Counts when it has happened; what cannot be found is told. */
export function changeImport(orders: Orders, record: Record): void {
  const count = (): void => record.write([{ changedImports: 1 }]);
  if (orders.change === 'slow-import') {
    burn(orders.cpuMs);
    count();
  } else if (orders.change === 'extra-import') {
    const { extra } = orders;
    const fail = (error: unknown): void =>
      record.unhookable(
        extra,
        null,
        `it cannot be imported: ${error instanceof Error ? error.message : error}`,
      );
    try {
      createRequire(join(process.cwd(), '[shakedown]'))(extra);
      count();
    } catch {
      // It may be for `import` alone.
      import(extra).then(count, fail);
    }
  }
}
