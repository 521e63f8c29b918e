// What the server says when it refuses: RFC 9457 problems as one kind of error.

export interface FieldProblem {
  path: string;
  problem: string;
}

export class ApiProblem extends Error {
  readonly status: number;
  /** Stable and for programs: `not_found`, `invalid`, `stale`, … */
  readonly code: string;
  readonly detail: string;
  readonly fields: FieldProblem[];
  /** When the server told us how long to wait. */
  readonly retryAfterSeconds: number | undefined;
  /** What some refusals say besides, such as the free times of `taken`. */
  readonly more: Record<string, unknown>;

  constructor(status: number, code: string, detail: string, fields: FieldProblem[] = [], retryAfterSeconds?: number, more: Record<string, unknown> = {}) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.fields = fields;
    this.retryAfterSeconds = retryAfterSeconds;
    this.more = more;
  }
}

/** Reads a refusal; a body that is no problem document (a proxy's page) becomes one with the status alone. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const wait = Number(response.headers.get('retry-after'));
  const retry = Number.isFinite(wait) && wait > 0 ? wait : undefined;
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = undefined;
  }
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (key: string, otherwise: string) => (typeof said[key] === 'string' ? (said[key] as string) : otherwise);
  const fields = Array.isArray(said.errors) ? said.errors.filter(isField) : [];
  return new ApiProblem(response.status, text('code', `http_${response.status}`), text('detail', text('title', '')), fields, retry, said);
}

function isField(value: unknown): value is FieldProblem {
  const field = value as Partial<FieldProblem> | null;
  return typeof field?.path === 'string' && typeof field.problem === 'string';
}

/** Is it worth asking again by itself? */
export function isPassing(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.status >= 500 || error.status === 429 || error.status === 408;
}
