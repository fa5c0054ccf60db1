import { build } from 'rolldown';

/** Makes one file of what a bench runs in a process or thread of its own, which needs no loader then. */
export async function bundle(input: string, file: string): Promise<void> {
  await build({
    input,
    platform: 'node',
    external: (id) => !/^[./]/.test(id),
    output: { file, format: 'esm', codeSplitting: false },
  });
}
