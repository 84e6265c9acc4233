import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CallError } from '../../../protocol/errors.ts';
import { longestBody, mostValues } from '../../../protocol/limits.ts';
import { turnOfItsOwn } from './turn.ts';

/** Bytes of a body that are looked through in one turn of the event loop. */
const sliceSize = 512 * 1024;

/**
 * `curl -d` says application/x-www-form-urlencoded, other clients nothing, and some what is no type at all: every body is JSON, and
 * none is {}.
 */
export function acceptAnyJson(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    delete raw.headers['content-type'];
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async ({ routeOptions }: FastifyRequest, body: Buffer) => {
    await requireFewValues(body);
    if (body.length > longestBody) await turnOfItsOwn();
    return routeOptions.config.rawJson ? body.toString() : parse(body.toString());
  });
  app.addHook('preValidation', async (request) => {
    if (request.method === 'POST' && request.body === undefined)
      request.body = request.routeOptions.config.rawJson ? '' : {};
  });
}

/** Throws `parse-error`. */
function parse(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new CallError('parse-error', `the body is not JSON: ${(error as Error).message}`);
  }
}

/** Throws `payload-too-large`: what JSON.parse and the schemas do with each value cannot be interrupted. */
async function requireFewValues(body: Buffer): Promise<void> {
  const values = new ValueCount();
  for (let at = 0; at < body.length; at += sliceSize) {
    if (body.length > longestBody) await turnOfItsOwn();
    if (values.add(body.subarray(at, at + sliceSize)) > mostValues)
      throw new CallError('payload-too-large', `the body has more than ${mostValues} values`);
  }
}

const [quote, backslash, comma, colon, bracket, brace] = Buffer.from('"\\,:[{');

/** Counts what stands before a value or a name in JSON, outside of strings. */
class ValueCount {
  #count = 0;
  #inString = false;
  #escaped = false;

  add(bytes: Buffer): number {
    for (const byte of bytes) {
      if (this.#escaped) this.#escaped = false;
      else if (this.#inString) {
        if (byte === quote) this.#inString = false;
        else this.#escaped = byte === backslash;
      } else if (byte === quote) this.#inString = true;
      else if (byte === comma || byte === colon || byte === bracket || byte === brace) this.#count += 1;
    }
    return this.#count;
  }
}
