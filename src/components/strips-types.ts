import { registerChild } from '../process/system/children.ts';

/** Whether this Node runs TypeScript by itself. It is asked, since the suite's need not be ours. */
export async function stripsTypes(node: string): Promise<boolean> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    registerChild(
      execFile(node, ['-p', 'Boolean(process.features.typescript)'], (error, output) =>
        resolve(error === null && output.trim() === 'true'),
      ),
    );
  });
}
