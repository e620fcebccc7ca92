export type HealthState = 'healthy' | 'unknown' | 'unhealthy' | 'exited';

export interface Health {
  readonly state: HealthState;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

const severity: Readonly<Record<HealthState, number>> = { healthy: 0, unknown: 1, unhealthy: 2, exited: 3 };

/** The worst of several states; of equally bad ones the latest, and of equally late ones the first. */
export function worstHealth(first: Health, ...others: readonly Health[]): Health {
  return others.reduce((worst, health) => {
    const difference = severity[health.state] - severity[worst.state];
    if (difference !== 0) return difference > 0 ? health : worst;
    return health.updatedAt > worst.updatedAt ? health : worst;
  }, first);
}
