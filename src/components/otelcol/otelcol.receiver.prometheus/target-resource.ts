import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import type { EncodedAttributes } from '../../../formats/otlp/metric-writer.ts';
import { Labels } from '../../../model/labels.ts';

const writer = new AttributeWriter();

/** What discovery in Kubernetes says of a target, and the attributes that it becomes; the first label counts that is there. */
const kubernetes: Readonly<Record<string, readonly string[]>> = {
  'k8s.namespace.name': ['namespace'],
  'k8s.pod.name': ['pod_name'],
  'k8s.pod.uid': ['pod_uid'],
  'k8s.container.name': ['pod_container_name'],
  'k8s.node.name': ['pod_node_name', 'node_name', 'endpoint_node_name'],
};

/** What pods are made by. */
const controllers: Readonly<Record<string, string>> = {
  ReplicaSet: 'k8s.replicaset.name',
  DaemonSet: 'k8s.daemonset.name',
  StatefulSet: 'k8s.statefulset.name',
  Job: 'k8s.job.name',
  CronJob: 'k8s.cronjob.name',
};

/**
 * The resource that samples of a target are of: who it is, what is known of it if it was scraped here, and what its
 * `target_info` says.
 */
export function targetResource(
  job: string,
  instance: string,
  info: ReadonlyMap<string, string>,
  target: Labels = Labels.empty,
): EncodedAttributes {
  const attributes = new Map<string, string>();
  const service = job === '' ? target.get('job') : job;
  const id = instance === '' ? target.get('instance') : instance;
  if (service !== undefined && service !== '') attributes.set('service.name', service);
  if (id !== undefined && id !== '') {
    const { host, port } = addressOf(id);
    attributes.set('service.instance.id', id);
    if (isHostOfItsOwn(host)) attributes.set('server.address', host).set('net.host.name', host);
    attributes.set('server.port', port).set('net.host.port', port);
  }
  const scheme = target.get('__scheme__');
  if (scheme !== undefined) attributes.set('url.scheme', scheme).set('http.scheme', scheme);
  for (const [name, value] of kubernetesAttributes(target)) attributes.set(name, value);
  for (const [name, value] of info) attributes.set(name, value);
  writer.clear();
  for (const [name, value] of attributes) writer.text(name, value);
  return writer.copy();
}

function* kubernetesAttributes(target: Labels): Generator<[name: string, value: string]> {
  const said = (name: string): string => target.get(`__meta_kubernetes_${name}`) ?? '';
  for (const [attribute, names] of Object.entries(kubernetes)) {
    const value = names.map(said).find((text) => text !== '');
    if (value !== undefined) yield [attribute, value];
  }
  const controller = controllers[said('pod_controller_kind')];
  if (controller !== undefined && said('pod_controller_name') !== '') yield [controller, said('pod_controller_name')];
}

/** The parts of `host:port`; all is the host where it is not of that form. */
function addressOf(instance: string): { readonly host: string; readonly port: string } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(instance) ?? [];
  return port === undefined ? { host: instance, port: '' } : { host: bracketed ?? plain ?? '', port };
}

/** Whether a host is the same one for everybody. */
function isHostOfItsOwn(host: string): boolean {
  return !/^(?:|localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1?|(?:0+:){7}0*1?)$/i.test(host);
}
