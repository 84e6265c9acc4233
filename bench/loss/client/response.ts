import type { Parse } from './wire.ts';

export interface Response {
  status: number;
  body: string;
  /** The server ends the connection after this response. */
  close: boolean;
  /** Seconds that the server promises to keep the idle connection open; null when it promises nothing. */
  keepAlive: number | null;
}

export interface Head {
  status: number;
  headers: Map<string, string>;
}

/** A whole HTTP/1.1 response with a Content-Length or in chunks. */
export const parseResponse: Parse<Response> = (received) => {
  const head = parseHead(received);
  if (!head) return undefined;
  const { status, headers } = head.value;
  const rest = received.slice(head.length);
  const body = headers.get('transfer-encoding') === 'chunked' ? chunked(rest) : counted(rest, headers);
  if (!body) return undefined;
  return { value: { status, body: body.value, ...connectionOf(head.value) }, length: head.length + body.length };
};

/** What becomes of the connection after the response. */
export function connectionOf({ headers }: Head): Pick<Response, 'close' | 'keepAlive'> {
  const promise = /\btimeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1];
  return { close: headers.get('connection') === 'close', keepAlive: promise === undefined ? null : Number(promise) };
}

export const parseHead: Parse<Head> = (received) => {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = received.slice(0, end).split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { value: { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0), headers }, length: end + 4 };
};

/** One chunk; the empty one is the end of the body. Trailers are not expected. */
export const parseChunk: Parse<string> = (received) => {
  const line = received.indexOf('\r\n');
  if (line < 0) return undefined;
  const size = Number.parseInt(received.slice(0, line), 16);
  const length = line + 2 + size + 2;
  return received.length < length ? undefined : { value: received.slice(line + 2, line + 2 + size), length };
};

const chunked: Parse<string> = (received) => {
  let body = '';
  let at = 0;
  for (;;) {
    const chunk = parseChunk(received.slice(at));
    if (!chunk) return undefined;
    at += chunk.length;
    if (chunk.value === '') return { value: body, length: at };
    body += chunk.value;
  }
};

function counted(rest: string, headers: Map<string, string>): ReturnType<Parse<string>> {
  const length = Number(headers.get('content-length'));
  return rest.length < length ? undefined : { value: rest.slice(0, length), length };
}
