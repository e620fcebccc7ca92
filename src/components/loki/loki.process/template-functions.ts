import { hexDigest } from '../../../formats/go-template/functions/hashes.ts';
import { regexReplaceAll, regexReplaceAllLiteral } from '../../../formats/go-template/functions/regexps.ts';
import { sprig } from '../../../formats/go-template/functions/sprig.ts';
import { replaceText } from '../../../formats/go-template/functions/strings.ts';
import { trimCharacters, trimSpace } from '../../../formats/go-template/functions/trim.ts';
import { integer, text } from '../../../formats/go-template/parameter.ts';
import { fixed, type FunctionTable } from '../../../formats/go-template/template-function.ts';
import { lowerCase, upperCase } from '../../../base/letter-case.ts';

/** The functions that templates in stages have: those of sprig, and some whose arguments come in another order. */
export const templateFunctions: FunctionTable = {
  ...sprig,
  ToLower: fixed([text], lowerCase),
  ToUpper: fixed([text], upperCase),
  Replace: fixed([text, text, text, integer], (s, from, to, count) => replaceText(s, from, to, Number(count.value))),
  Trim: fixed([text, text], (s, cutset) => trimCharacters(s, cutset, 'both')),
  TrimLeft: fixed([text, text], (s, cutset) => trimCharacters(s, cutset, 'left')),
  TrimRight: fixed([text, text], (s, cutset) => trimCharacters(s, cutset, 'right')),
  TrimPrefix: fixed([text, text], (s, prefix) => (s.startsWith(prefix) ? s.slice(prefix.length) : s)),
  TrimSuffix: fixed([text, text], (s, suffix) => (s.endsWith(suffix) ? s.slice(0, s.length - suffix.length) : s)),
  TrimSpace: fixed([text], trimSpace),
  Hash: fixed([text, text], (salt, s) => hexDigest('sha3-256', salt + s)),
  Sha2Hash: fixed([text, text], (salt, s) => hexDigest('sha256', salt + s)),
  regexReplaceAll,
  regexReplaceAllLiteral,
};
