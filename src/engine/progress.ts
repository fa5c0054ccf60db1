import type { RunEvent } from '../core/event.ts';
import type { OutputScanner } from '../process/output/scanner.ts';

const AT_MOST_EVERY = 100;

/** Emits the last line that a component printed: now and then, and always the one before it falls silent. */
export function createProgress(
  component: string,
  emit: (event: RunEvent) => void,
): { onActivity: (step: string, scanner: OutputScanner) => void; end: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let shown = '';
  let pending: (() => void) | undefined;
  const show = (): void => {
    pending?.();
    pending = undefined;
  };
  return {
    onActivity: (step, scanner) => {
      pending = () => {
        const lastLine = scanner.lastLine();
        if (lastLine === shown || lastLine === '') return;
        shown = lastLine;
        emit({ type: 'output', component, step, lastLine });
      };
      timer ??= setTimeout(() => {
        timer = undefined;
        show();
      }, AT_MOST_EVERY).unref();
    },
    end: () => {
      clearTimeout(timer);
      pending = undefined;
    },
  };
}
