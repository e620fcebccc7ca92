import { messageOf } from '../../base/message-of.ts';
import { ParseError } from '../../base/parse-error.ts';
import type { YamlData } from '../../base/yaml.ts';
import { component } from '../../component/component.ts';
import { counter } from '../../component/metrics.ts';
import type { Labels } from '../../model/labels.ts';
import { checkHttpClient, httpClientFields, type HttpClientArgs } from '../../net/http-client-fields.ts';
import { httpClient, type HttpClient } from '../../net/http-client.ts';
import { HttpError, shownUrl } from '../../net/http-error.ts';
import type { HttpResponse } from '../../net/http-message.ts';
import { attribute, duration } from '../../schema/attributes.ts';
import { exportedTargets } from '../../schema/targets.ts';
import { urlType } from '../../schema/types.ts';
import { failed, type ValueType } from '../../schema/value-type.ts';
import { maxTargetListBytes, targetsOfGroups } from './target-groups.ts';
import { refreshMetrics, TargetRefresh, type FoundTargets } from './target-refresh.ts';

/** A URL, and the text for labels: as it was written, but without a password. */
interface NamedUrl {
  readonly url: URL;
  readonly name: string;
}

const namedUrlType: ValueType<NamedUrl> = {
  name: urlType.name,
  jsonSchema: urlType.jsonSchema,
  decode(value, at) {
    const url = urlType.decode(value, at);
    if (url === failed) return failed;
    if (typeof value === 'string' && url.password === '') return { url, name: value };
    const shown = new URL(url);
    if (shown.password !== '') shown.password = 'xxxxx';
    return { url, name: shown.href };
  },
  encode: ({ name }) => name,
};

export const discoveryHttp = component({
  name: 'discovery.http',
  stability: 'generally-available',
  doc: `
Exports the targets of a list that an HTTP server gives out, and asks for it again and again. The server must answer with
status 200, the Content-Type \`application/json\` and a list of groups,
\`[{ "targets": ["host:port"], "labels": { "name": "value" } }]\`. Each target gets its labels, \`__address__\` and
\`__meta_url\`.

The targets of before are kept while there is no such answer, also after a reload with other arguments. Targets are
exported in the order of the list, at most every 5 seconds.`,
  example: `
discovery.http "inventory" {
  url              = "https://inventory.example.com/targets"
  refresh_interval = "30s"
}`,
  arguments: {
    url: attribute('Where the list is.', namedUrlType),
    refresh_interval: duration('How often the list is asked for, and how long the server may take to give it.')
      .default(60_000)
      .check((period) => (period > 0 ? undefined : 'must be greater than 0')),
    ...httpClientFields,
  },
  exports: {
    targets: exportedTargets('All targets of the list.'),
  },
  metrics: {
    failures: counter('prometheus_sd_http_failures_total', 'Requests for the list that brought none.'),
    ...refreshMetrics,
  },
  check(args) {
    return checkHttpClient(args);
  },
  build(context) {
    const { metrics, program, log } = context;
    let { args } = context;
    let client = httpClient(args, program);
    let targets: readonly Labels[] = [];

    const find = async (signal: AbortSignal): Promise<FoundTargets | undefined> => {
      const found = await requestTargets(client, args, signal);
      if (signal.aborted) return undefined;
      if (found instanceof ParseError) {
        metrics.failures.inc();
        return { targets, problems: [found.message] };
      }
      targets = found;
      return { targets, problems: [] };
    };

    const refresh = new TargetRefresh({
      metrics,
      log,
      mechanism: 'http',
      period: () => args.refresh_interval,
      find,
      export: (changed) => context.export(changed),
      health: (state, message) => context.health(state, message),
    });
    return {
      exports: { targets: [] },
      async run(signal) {
        await refresh.run(signal);
        client.close();
      },
      update(changed) {
        client.close();
        args = changed;
        client = httpClient(args, program);
        refresh.restart();
      },
    };
  },
});

interface ListArgs extends HttpClientArgs {
  readonly url: NamedUrl;
  readonly refresh_interval: number;
}

async function requestTargets(
  client: HttpClient,
  { url: { url, name }, refresh_interval: period }: ListArgs,
  signal: AbortSignal,
): Promise<readonly Labels[] | ParseError> {
  const headers = { accept: 'application/json', 'x-prometheus-refresh-interval-seconds': String(period / 1000) };
  try {
    const response = await client.request({
      method: 'GET',
      url,
      headers,
      signal,
      timeout: period,
      maxResponseBytes: maxTargetListBytes,
    });
    const targets = targetsOf(response, name);
    return targets instanceof ParseError ? new ParseError(`${shownUrl(url)}: ${targets.message}`) : targets;
  } catch (error) {
    if (error instanceof HttpError) return new ParseError(error.message);
    throw error;
  }
}

function targetsOf({ status, headers, body, isTruncated }: HttpResponse, url: string): readonly Labels[] | ParseError {
  if (status !== 200) return new ParseError(`the server answered with status ${status}`);
  const contentType = headers['content-type']?.trim() ?? '';
  if (!/^application\/json(?:;\s*charset=(?:"utf-8"|utf-8))?$/i.test(contentType))
    return new ParseError(`the Content-Type should be application/json, not ${JSON.stringify(contentType)}`);
  if (isTruncated) return new ParseError(`the list is larger than ${maxTargetListBytes} bytes`);
  let data: YamlData;
  try {
    data = JSON.parse(body.toString()) as YamlData;
  } catch (error) {
    return new ParseError(messageOf(error));
  }
  return targetsOfGroups(data, ['__meta_url', url]);
}
