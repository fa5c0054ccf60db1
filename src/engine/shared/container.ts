/** Keeps a service of the suite alive in a container. */
import type { Finding } from '../../core/finding.ts';
import type { Service, SharedContainer } from '../../core/suite.ts';
import { labelsOf } from '../../process/containers/arguments.ts';
import { containerName, EngineContainer } from '../../process/containers/container.ts';
import { engineOf, noEngine } from '../../process/containers/engine.ts';
import { type Image, obtainImage } from '../../process/containers/image.ts';
import { withNetwork } from '../../process/containers/network.ts';
import type { Outcome, Terms } from './instance.ts';
import { keepService } from './service.ts';

const ended = (...findings: readonly (Finding | undefined)[]): Outcome => ({
  type: 'ended',
  findings: findings.filter((finding) => finding !== undefined),
});

/** Asked to end as its image wants, unless the config says otherwise. */
const asked = ({ service, stopsByImage }: SharedContainer, { stopSignal }: Image): Service['stop'] =>
  stopsByImage && stopSignal !== undefined ? { ...service.stop, signal: stopSignal } : service.stop;

export async function keepContainer(shared: SharedContainer, terms: Terms): Promise<Outcome> {
  const { context } = terms;
  const { name: step, service, container: spec } = shared;
  const engine = await engineOf(context);
  if (!engine.ok) return ended(noEngine(step, engine.error));
  const { directory, component, emit } = context;
  const labels = labelsOf(directory);
  const onWait = (message: string): void =>
    emit({ type: 'service-waiting', component, service: step, message });
  const image = await obtainImage({ step, spec, labels }, engine.value, { ...context, onWait });
  if (!image.ok) return ended(image.error);
  const joined = await withNetwork(step, spec, engine.value, context);
  if (!joined.ok) return ended(joined.error);
  const container = new EngineContainer({
    ...{
      undos: context.undos,
      engine: engine.value,
      step,
      spec: joined.value,
      labels,
      env: service.env,
      image: image.value.id,
    },
    name: containerName(directory, context.id),
  });
  const kept: Service = { ...service, command: container.command, env: {}, stop: asked(shared, image.value) };
  return keepService(kept, { ...terms, context: { ...context, container } }, { others: container.published });
}
