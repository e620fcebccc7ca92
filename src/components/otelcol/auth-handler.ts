import type { IncomingHttpHeaders } from 'node:http';
import type { OtlpClient } from '../../model/otlp-batch.ts';
import type { UnsignedRequest } from '../../net/credentials.ts';
import { Attribute } from '../../schema/field.ts';
import { exported, type ValueExport } from '../../schema/exports.ts';
import { nameOf } from '../../schema/receiver.ts';
import type { ValueType } from '../../schema/value-type.ts';
import { Capsule, type CapsuleType } from '../../syntax/value.ts';

/**
 * What an `otelcol.auth` component exports as `handler`. It lives as long as the instance that exports it, and may be
 * used by any number of clients and servers at the same time.
 */
export interface AuthHandler {
  /** The ID of the component, for messages. */
  readonly id: string;
  /** Undefined if requests of clients cannot be given credentials by it. */
  readonly client: ClientAuth | undefined;
  /** Undefined if it cannot authenticate the clients of servers. */
  readonly server: ServerAuth | undefined;
}

/** A request that is to be sent. */
export interface AuthRequest extends UnsignedRequest {
  /** Whose telemetry it carries, if that is known. */
  readonly client: OtlpClient | undefined;
}

/** Headers to set on a request, by lower-case names; one that is undefined is taken away. */
export type AuthHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Shows a server who sends requests. */
export interface ClientAuth {
  /** Asked for each request. Rejects with an HttpError if there should be headers and cannot be for now. */
  headersFor(request: AuthRequest, signal: AbortSignal): Promise<AuthHeaders>;
  /** Tells that a server did not accept the last headers. */
  rejected?(): void;
}

/** Finds out who sends a request to a server. */
export interface ServerAuth {
  /**
   * What is known of the sender, such as `username`, for `OtlpClient.auth`; or why it is refused, which is HTTP status 401
   * or gRPC Unauthenticated. `headers` are those of the request, or the metadata of gRPC; `peer` is the IP address.
   */
  authenticate(
    headers: IncomingHttpHeaders,
    peer: string | undefined,
  ): Promise<ReadonlyMap<string, string> | AuthRefusal>;
}

/** Why a request is refused. The message goes to the client and must not tell secrets. */
export class AuthRefusal {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const authCapsule: CapsuleType<AuthHandler> = {
  name: 'otelcol auth handler',
  show: ({ id }) => id,
};

const base = { name: authCapsule.name, jsonSchema: { type: 'string', format: 'otelcol-auth-handler' } } as const;

/** `auth = otelcol.auth.basic.x.handler` of a client. */
export function clientAuth(doc: string): Attribute<ClientAuth> {
  return new Attribute<ClientAuth>({ doc, type: sideType('client') });
}

/** `auth = otelcol.auth.basic.x.handler` of a server. */
export function serverAuth(doc: string): Attribute<ServerAuth> {
  return new Attribute<ServerAuth>({ doc, type: sideType('server') });
}

function sideType<S extends 'client' | 'server'>(side: S): ValueType<NonNullable<AuthHandler[S]>> {
  return {
    ...base,
    decode(value, at) {
      if (!(value instanceof Capsule) || value.type !== authCapsule)
        return at.fail(`should be ${base.name}, got ${nameOf(value)}`);
      const handler = value.value as AuthHandler;
      return handler[side] ?? at.fail(`is ${handler.id}, but the component does not support ${side} authentication`);
    },
    // A side does not tell what it is of; whoever shows it has the handler that was given.
    encode: () => null,
  };
}

const handlerType: ValueType<AuthHandler> = {
  ...base,
  decode(value, at) {
    if (value instanceof Capsule && value.type === authCapsule) return value.value as AuthHandler;
    return at.fail(`should be ${base.name}, got ${nameOf(value)}`);
  },
  encode: (handler) => new Capsule(authCapsule, handler),
};

/** The export `handler` of `otelcol.auth` components. */
export function exportedAuthHandler(doc: string): ValueExport<AuthHandler> {
  return exported(doc, handlerType);
}
