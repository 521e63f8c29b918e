// Arguments as a form: fields from their values and their schema, back to arguments, and what a person changed.
export type Arguments = Record<string, unknown>;

export interface Field {
  name: string;
  kind: 'text' | 'number' | 'boolean' | 'choice' | 'json';
  required: boolean;
  about: string | undefined;
  choices: string[];
  /** As it is typed. */
  value: string;
}

interface Schema {
  properties?: Record<string, { type?: unknown; enum?: unknown; description?: unknown }>;
  required?: unknown;
}

export function isArguments(value: unknown): value is Arguments {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Those that are there first, then those that the tool would take besides. */
export function fieldsOf(given: Arguments, parameters: unknown): Field[] {
  const schema = (isArguments(parameters) ? parameters : {}) as Schema;
  const known = schema.properties ?? {};
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : [];
  const names = [...Object.keys(given), ...Object.keys(known).filter((name) => !(name in given))];
  return names.map((name) => {
    const about = known[name]?.description;
    const choices = Array.isArray(known[name]?.enum) ? known[name].enum.filter((v): v is string => typeof v === 'string') : [];
    const kind = kindOf(given[name], name in given, known[name]?.type, choices);
    return { name, kind, required: required.includes(name), about: typeof about === 'string' ? about : undefined, choices, value: typed(given[name], name in given, kind) };
  });
}

/** What does not fit its schema is edited as JSON, so that nothing is turned into something else on the way. */
function kindOf(value: unknown, there: boolean, type: unknown, choices: string[]): Field['kind'] {
  const of = there ? (value === null ? 'null' : typeof value) : typeof type === 'string' ? type : 'object';
  if (of === 'string') return choices.length > 0 && (!there || choices.includes(value as string)) ? 'choice' : 'text';
  if (of === 'number' || of === 'integer') return 'number';
  return of === 'boolean' ? 'boolean' : 'json';
}

function typed(value: unknown, there: boolean, kind: Field['kind']): string {
  if (!there) return '';
  return kind === 'json' ? JSON.stringify(value, null, 2) : String(value);
}

/** What was typed, as arguments; names of fields that cannot be read. */
export function toArguments(fields: Field[], values: Record<string, string>, given: Arguments): { value: Arguments; wrong: string[] } {
  const value: Arguments = {};
  const wrong: string[] = [];
  for (const field of fields) {
    const text = values[field.name] ?? '';
    // An emptied field is left out, unless it was empty before.
    if (text.trim() === '' && !(field.kind === 'text' && given[field.name] === text)) {
      if (field.required) wrong.push(field.name);
      continue;
    }
    const read = readAs(field.kind, text);
    if (read === undefined) wrong.push(field.name);
    else value[field.name] = read;
  }
  return { value, wrong };
}

function readAs(kind: Field['kind'], text: string): unknown {
  if (kind === 'text' || kind === 'choice') return text;
  if (kind === 'boolean') return text === 'true';
  if (kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export interface Change {
  name: string;
  /** Undefined: it was not there. */
  was: unknown;
  is: unknown;
}

export function changes(before: Arguments, after: Arguments): Change[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => canonical(before[name]) !== canonical(after[name])).map((name) => ({ name, was: before[name], is: after[name] }));
}

/** The same text for the same value, whatever the order of its members. */
function canonical(value: unknown): string | undefined {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isArguments(value)) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}
