import { writeProtocols } from '../../../formats/remote-write/write-request.ts';
import type { ReceiveHttpArguments } from './fields.ts';

type Protocol = keyof typeof writeProtocols;

/** The protocol of a request by its `Content-Type`; version 1 if it says nothing. The text says why it cannot be taken. */
export function protocolOf(
  header: string | undefined,
  accepted: ReceiveHttpArguments['accepted_remote_write_protobuf_messages'],
): Protocol | { readonly problem: string } {
  const message = messageIn((header ?? '').trim());
  if (typeof message !== 'string') return message;
  const known = Object.entries(writeProtocols).find(([, protocol]) => protocol.message === message);
  if (known === undefined) return { problem: `the protobuf message ${JSON.stringify(message)} is not known` };
  if (!accepted.includes(known[1].message)) {
    return { problem: `the protobuf message ${message} is not accepted, only ${accepted.join(', ')}` };
  }
  return known[0] as Protocol;
}

function messageIn(header: string): string | { readonly problem: string } {
  const { message } = writeProtocols.v1;
  if (header === '') return message;
  const [type = '', ...parameters] = header.split(';');
  if (type.trim().toLowerCase() !== 'application/x-protobuf')
    return { problem: `Content-Type should be application/x-protobuf, got ${JSON.stringify(header)}` };
  for (const parameter of parameters) {
    const [name = '', value, ...rest] = parameter.split('=');
    if (value === undefined || rest.length > 0)
      return { problem: `parameters of Content-Type should be name=value, got ${JSON.stringify(parameter)}` };
    if (name.trim() === 'proto') return value.trim();
  }
  return message;
}
