import { createRequire } from 'node:module';
import type * as Iconv from 'iconv-lite';

// Its tables take some megabytes, and most files are UTF-8, so that it is loaded when first needed.
const require = createRequire(import.meta.url);

/** Names by which IANA knows what the library has by other names; without punctuation, in lower case. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['extendedunixcodepackedformatforjapanese', 'euc-jp'],
  ['eucpkdfmtjapanese', 'euc-jp'],
  ['pcmultilingual850euro', 'cp858'],
]);

/** Gives the text of bytes in a character set. Broken sequences become U+FFFD. */
export type Decode = (bytes: Buffer) => string;

/**
 * Finds a character set by any of its IANA names, as far as line ends are the byte 0x0A in it, which holds for all but
 * UTF-16, UTF-32 and EBCDIC; undefined if it is not known.
 */
export function findCharacterSet(name: string): Decode | undefined {
  const iconv: typeof Iconv = require('iconv-lite');
  const key = name.toLowerCase().replaceAll(/[^\da-z]/g, '');
  const withoutPrefix = key.replace(/^cs(?=[a-z])/, '');
  const withoutZeros = withoutPrefix.replace(/^(?:ibm|ccsid|cp)0+(?=\d{3})/, 'cp');
  for (const candidate of [aliases.get(withoutPrefix), name, withoutPrefix, withoutZeros]) {
    if (candidate === undefined || !iconv.encodingExists(candidate)) continue;
    // Encodings of bytes as text, such as base64, are there too.
    if (!iconv.encode('\n', candidate).equals(Buffer.of(0x0a))) return undefined;
    return (bytes) => iconv.decode(bytes, candidate, { stripBOM: false });
  }
  return findInIcu(name);
}

/** The runtime knows some that the library does not, such as ISO-2022-JP. */
function findInIcu(name: string): Decode | undefined {
  try {
    const decoder = new TextDecoder(name, { ignoreBOM: true });
    return decoder.decode(Buffer.of(0x0a)) === '\n' ? (bytes) => decoder.decode(bytes) : undefined;
  } catch {
    // That is how it says that it does not know a name.
    return undefined;
  }
}
