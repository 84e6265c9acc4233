import type { ServerResponse } from 'node:http';

/**
 * Makes the response say `Connection: close`, whatever the application sets: a proxy, for one, passes the header of its upstream on.
 * `shouldKeepAlive` alone is overruled by that. Every head is made by `writeHead`, an implicit one too, which has no public hook: so
 * this response, and no other, gets its own. It says nothing where requests that were pipelined behind it have begun by then: the
 * last of them does.
 */
export function makeLast(response: ServerResponse): void {
  const writeHead = response.writeHead as (...args: unknown[]) => ServerResponse;
  response.writeHead = function (this: ServerResponse, status: number, ...rest: unknown[]) {
    if (status < 200 || this.headersSent || isFollowed(this)) return writeHead.call(this, status, ...rest);
    this.shouldKeepAlive = false;
    this.removeHeader('Keep-Alive');
    const at = rest.findIndex((given) => typeof given === 'object' && given !== null);
    if (at < 0) this.setHeader('Connection', 'close');
    else {
      this.removeHeader('Connection');
      rest[at] = closing(rest[at] as object);
    }
    return writeHead.call(this, status, ...rest);
  } as ServerResponse['writeHead'];
}

/** Node does not tell. What its parser has read last is only read here, and without it nothing follows. */
function isFollowed({ req }: ServerResponse): boolean {
  const { parser } = req.socket as { parser?: { incoming?: object | null } | null };
  return parser?.incoming != null && parser.incoming !== req;
}

/** The headers given to writeHead(): an object, a list of pairs, or one of names and values in turn. */
function closing(headers: object): unknown {
  if (!Array.isArray(headers)) {
    const others = Object.entries(headers).filter(([name]) => isOther(name));
    return { ...Object.fromEntries(others), Connection: 'close' };
  }
  if (Array.isArray(headers[0])) return [...headers.filter(([name]) => isOther(name)), ['Connection', 'close']];
  return [...headers.filter((_, index) => isOther(headers[index - (index % 2)])), 'Connection', 'close'];
}

function isOther(name: unknown): boolean {
  return !/^(connection|keep-alive)$/i.test(String(name));
}
