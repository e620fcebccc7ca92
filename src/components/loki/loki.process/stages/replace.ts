import type { Spans } from '../../../../base/go-regexp/go-regexp.ts';
import type { GoTemplate } from '../../../../formats/go-template/template.ts';
import { attribute, regexp, string } from '../../../../schema/attributes.ts';
import type { Cursor } from '../cursor.ts';
import { textOf } from '../extracted.ts';
import type { Slots } from '../slots.ts';
import { StageData, templateType } from '../stage-template.ts';
import { stage } from '../stage.ts';

export const replace = stage({
  doc: `
Replaces what the groups of a regular expression match, in every match, by the output of a Go template. The template sees
every extracted value under its name, and the text of the group as \`.Value\`; it may call the functions that
\`stage.template\` has. Text outside of groups stays, and of groups in each other the outer one is replaced. The replaced
texts of groups with names are extracted. Where the template fails, nothing changes.`,
  fields: {
    expression: regexp('A regular expression in RE2 syntax. Its groups are what is replaced.').check((expression) =>
      expression.source === '' ? 'expression is required' : undefined,
    ),
    source: string('The extracted value to replace in; the line if empty.').default(''),
    replace: attribute(
      'What groups become: text, or a Go template such as `{{ .Value | Hash "salt" }}`. Without it they are removed.',
      templateType({ isTextMap: true }),
    ).optional(),
  },
  compile({ expression, source, replace: template }, { slots }) {
    const named = expression.groupNames.flatMap((name, group) =>
      name === undefined ? [] : [{ group, slot: slots.writes(name) }],
    );
    const sourceSlot = source === '' ? undefined : slots.reads(source);
    const substitute = template === undefined ? () => '' : substitution(template, slots);

    return (next) => {
      const wanted = named.filter(({ slot }) => slots.isRead(slot));
      return (cursor) => {
        const { extracted } = cursor;
        const text = sourceSlot === undefined ? cursor.text() : textOf(extracted.get(sourceSlot));
        const matches = text === undefined ? [] : expression.matchAll(text);
        const replaced = replaceGroups(cursor, text ?? '', matches, substitute);
        if (replaced !== undefined) {
          if (sourceSlot !== undefined) extracted.set(sourceSlot, replaced.text);
          else if (replaced.text !== text) cursor.setText(replaced.text);
          const [first = []] = matches;
          for (const { group, slot } of wanted) {
            const output = replaced.outputs.get(capturedBy(first, group, text ?? ''));
            if (output !== undefined) extracted.set(slot, output);
          }
        }
        next(cursor);
      };
    };
  },
});

/** What a group that captured a text becomes; undefined if the template fails. */
type Substitute = (cursor: Cursor, captured: string, isFurther: boolean) => string | undefined;

function substitution(template: GoTemplate, slots: Slots): Substitute {
  let value = '';
  const data = new StageData(template, slots, { Value: () => value });
  return (cursor, captured, isFurther) => {
    value = captured;
    data.cursor = cursor;
    const output = template.execute(data, isFurther);
    return typeof output === 'string' ? output : undefined;
  };
}

interface Replaced {
  readonly text: string;
  /** The outputs for captured texts. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** Undefined if there is no match, or if one of the groups cannot be replaced. */
function replaceGroups(
  cursor: Cursor,
  text: string,
  matches: readonly Spans[],
  substitute: Substitute,
): Replaced | undefined {
  if (matches.length === 0) return undefined;
  const outputs = new Map<string, string>();
  let result = '';
  let end = 0;
  for (const spans of matches) {
    for (let at = 2; at < spans.length; at += 2) {
      const start = spans[at] ?? -1;
      const stop = spans[at + 1] ?? -1;
      if (start < 0) continue;
      const captured = text.slice(start, stop);
      const output = substitute(cursor, captured, outputs.size > 0);
      if (output === undefined) return undefined;
      outputs.set(captured, output);
      // A group inside of one that is replaced already has no place any more.
      if (start < end) continue;
      result += text.slice(end, start) + output;
      end = stop;
    }
  }
  return { text: result + text.slice(end), outputs };
}

/** A group that took no part counts as one that captured nothing. */
function capturedBy(spans: Spans, group: number, text: string): string {
  const start = spans[2 * group] ?? -1;
  return start < 0 ? '' : text.slice(start, spans[2 * group + 1]);
}
