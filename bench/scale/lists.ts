/**
 * What the server keeps of a list of packages on agents, if all that is found in each is as long as can be, and hardly compressible:
 * `node --import tsx bench/scale/lists.ts 500 2000`. It needs a build, and Temporal's command in SHAKEDOWN_TEMPORAL or the PATH.
 */
import { Cluster } from '../../test/rig/cluster.ts';
import { longestTrial } from '../../test/rig/drawn-trials.ts';
import { Guardian } from '../../test/rig/guardian.ts';
import { type JsonReport, Rig } from '../../test/rig/rig.ts';
import { joinTrying } from '../../test/rig/trying-agent.ts';

const [, , ...given] = process.argv;
new Guardian();
const rig = await Rig.create();
const cluster = await Cluster.open(rig);

for (const count of given.length === 0 ? [500] : given.map(Number)) {
  const names = Array.from({ length: count }, (_, index) => `package-${index}`);
  rig.write('list.txt', names.join('\n'));
  const joining = { address: cluster.address, pool: `of-${count}` };
  let tried = 0;
  await using _agents = await joinTrying({
    ...{ ...joining, names: ['one', 'two'] },
    tryPackage: async () => {
      tried += 1;
      return longestTrial(tried);
    },
  });
  const flags = ['--agents', '2', '--jobs', '8', '--join', joining.address, '--pool', joining.pool];
  const run = rig.start(['package', '--list', 'list.txt', ...flags, '--report', 'json=list.json']);
  const { stdout } = await run.exit();
  const [id = ''] = /shakedown-packages-\S+/.exec(stdout) ?? [];
  const { components } = JSON.parse(rig.read('list.json')) as JsonReport;
  const reported = components.filter(({ verdict }) => verdict === 'failed').length;
  process.stdout.write(
    `${JSON.stringify({ packages: count, tried, reported, ...(await cluster.historyOf(id)) })}\n`,
  );
}
await rig[Symbol.asyncDispose]();
