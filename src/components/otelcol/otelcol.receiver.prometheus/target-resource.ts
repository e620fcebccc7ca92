import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import type { EncodedAttributes } from '../../../formats/otlp/metric-writer.ts';

const writer = new AttributeWriter();

/** The resource that samples of a target are of: who it is, and what its `target_info` says. */
export function targetResource(job: string, instance: string, info: ReadonlyMap<string, string>): EncodedAttributes {
  const attributes = new Map<string, string>();
  if (job !== '') attributes.set('service.name', job);
  if (instance !== '') {
    const { host, port } = addressOf(instance);
    attributes.set('service.instance.id', instance);
    if (isHostOfItsOwn(host)) attributes.set('server.address', host).set('net.host.name', host);
    attributes.set('server.port', port).set('net.host.port', port);
  }
  for (const [name, value] of info) attributes.set(name, value);
  writer.clear();
  for (const [name, value] of attributes) writer.text(name, value);
  return writer.copy();
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
