import { stringType } from '../../../schema/types.ts';
import type { ValueType } from '../../../schema/value-type.ts';

/** Text for which null stands as well as the empty string. */
export const optionalText: ValueType<string> = { ...stringType, name: 'string | null' };
