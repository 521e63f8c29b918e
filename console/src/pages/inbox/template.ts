// Templates with blanks: which there are, how the filled text reads, and what is sent.
import type { Template } from './data';
import type { Part } from './model';

const BLANK = /{{\s*(\w+)\s*}}/g;

/** The blanks of a text, each once, in order: `1`, `2` or names. */
export function blanks(text: string | null | undefined): string[] {
  return [...new Set([...(text ?? '').matchAll(BLANK)].map((m) => m[1]!))];
}

/** Header and body have blanks of their own: `header 1` is another than `body 1`. */
export interface Values {
  header: Record<string, string>;
  body: Record<string, string>;
}

export function filled(text: string, values: Record<string, string>): string {
  return text.replace(BLANK, (whole, name: string) => values[name]?.trim() || whole);
}

export function isFilled(template: Template, values: Values): boolean {
  const full = (text: string | null | undefined, of: Record<string, string>) => blanks(text).every((name) => (of[name] ?? '').trim() !== '');
  return full(template.header, values.header) && full(template.body, values.body);
}

/** What the contact reads. */
export function preview(template: Template, values: Values): string {
  const pieces = [template.header && filled(template.header, values.header), filled(template.body, values.body), template.footer];
  return pieces.filter(Boolean).join('\n\n');
}

export function part(template: Template, values: Values): Part {
  const component = (type: 'header' | 'body') => {
    const names = blanks(template[type]);
    const parameters = names.map((name) => ({
      type: 'text',
      ...(/^\d+$/.test(name) ? {} : { parameter_name: name }),
      text: (values[type][name] ?? '').trim(),
    }));
    return names.length > 0 ? [{ type, parameters }] : [];
  };
  return {
    type: 'template',
    name: template.name,
    language: template.language,
    components: [...component('header'), ...component('body')],
    preview: preview(template, values),
  };
}
