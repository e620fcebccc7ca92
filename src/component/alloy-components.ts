/** Components of Alloy 1.18 by family, so that one that is missing here can be told from a misspelt one. */
const families: Readonly<Record<string, string>> = {
  'beyla.': 'ebpf',
  'database_observability.': 'mysql postgres sql_server',
  'discovery.':
    'aws azure consul consulagent digitalocean dns docker dockerswarm ec2 eureka file gce hetzner http ionos kubelet kubernetes kuma lightsail linode marathon nerve nomad openstack ovhcloud process puppetdb relabel scaleway serverset triton uyuni',
  'faro.': 'receiver',
  'local.': 'file file_match',
  'loki.': 'echo enrich process relabel rules.kubernetes secretfilter write',
  'loki.source.':
    'api awsfirehose azure_event_hubs cloudflare docker file gcplog gelf heroku journal kafka kubernetes kubernetes_events podlogs syslog windowsevent',
  'mimir.': 'alerts.kubernetes rules.kubernetes',
  'otelcol.auth.': 'basic bearer google headers oauth2 sigv4',
  'otelcol.connector.': 'count host_info servicegraph signaltometrics spanlogs spanmetrics',
  'otelcol.exporter.':
    'awss3 datadog debug faro file googlecloud googlecloudpubsub kafka loadbalancing loki otlp otlphttp prometheus splunkhec syslog',
  'otelcol.extension.': 'jaeger_remote_sampling',
  'otelcol.processor.':
    'attributes batch cumulativetodelta deltatocumulative discovery filter groupbyattrs interval k8sattributes memory_limiter metric_start_time probabilistic_sampler redaction resourcedetection span tail_sampling transform',
  'otelcol.receiver.':
    'awscloudwatch awsecscontainermetrics awss3 cloudflare datadog faro file_stats filelog fluentforward googlecloudpubsub influxdb jaeger kafka loki nginx otlp prometheus solace splunkhec syslog tcplog vcenter zipkin',
  'otelcol.storage.': 'file',
  'prometheus.': 'echo enrich receive_http relabel remote_write scrape',
  'prometheus.exporter.':
    'apache azure blackbox cadvisor catchpoint cloudwatch consul databricks dnsmasq elasticsearch gcp github kafka memcached mongodb mssql mysql oracledb postgres process redis self snmp snowflake squid static statsd unix windows',
  'prometheus.operator.': 'podmonitors probes scrapeconfigs servicemonitors',
  'pyroscope.': 'ebpf enrich java receive_http relabel scrape write',
  'remote.': 'http kubernetes.configmap kubernetes.secret s3 vault',
};

export const alloyComponents: ReadonlySet<string> = new Set(
  Object.entries(families).flatMap(([prefix, names]) => names.split(' ').map((name) => prefix + name)),
);
