import type { ExtractedValue } from './extracted.ts';

/** The value in a record of a database; undefined if it is not there, empty or zero. */
type ValueIn = (record: unknown) => ExtractedValue;

const country = {
  geoip_country_name: at('country', 'names', 'en'),
  geoip_country_code: at('country', 'iso_code'),
  geoip_continent_name: at('continent', 'names', 'en'),
  geoip_continent_code: at('continent', 'code'),
};

/** What is extracted for each kind of database, by the names of the extracted values. */
export const geoipFields: Readonly<Record<'' | 'city' | 'asn' | 'country', Readonly<Record<string, ValueIn>>>> = {
  '': {},
  city: {
    geoip_city_name: at('city', 'names', 'en'),
    ...country,
    geoip_location_latitude: coordinate('latitude'),
    geoip_location_longitude: coordinate('longitude'),
    geoip_postal_code: at('postal', 'code'),
    geoip_timezone: at('location', 'time_zone'),
    geoip_subdivision_name: (record) => at('names', 'en')(lastSubdivision(record)),
    geoip_subdivision_code: (record) => at('iso_code')(lastSubdivision(record)),
  },
  asn: {
    geoip_autonomous_system_number: at('autonomous_system_number'),
    geoip_autonomous_system_organization: at('autonomous_system_organization'),
  },
  country,
};

/** Text or a number at a path of keys. */
function at(...path: readonly string[]): ValueIn {
  return (record) => {
    let value = record;
    for (const key of path) value = child(value, key);
    return (typeof value === 'string' && value !== '') || isNumber(value) ? value : undefined;
  };
}

function isNumber(value: unknown): value is number | bigint {
  return (typeof value === 'number' || typeof value === 'bigint') && Number(value) !== 0;
}

/** One of two numbers that come together: zero counts where the other is not zero. */
function coordinate(name: 'latitude' | 'longitude'): ValueIn {
  return (record) => {
    const location = child(record, 'location');
    const [latitude, longitude] = [child(location, 'latitude') ?? 0, child(location, 'longitude') ?? 0];
    if (latitude === 0 && longitude === 0) return undefined;
    const value = name === 'latitude' ? latitude : longitude;
    return typeof value === 'number' ? value : undefined;
  };
}

/** The one that says the most. */
function lastSubdivision(record: unknown): unknown {
  const all = child(record, 'subdivisions');
  return Array.isArray(all) ? all.at(-1) : undefined;
}

function child(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
