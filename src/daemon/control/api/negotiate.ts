import type { IncomingMessage } from 'node:http';
import Negotiator from 'negotiator';
import { CallError } from '../../../protocol/errors.ts';
import { mediaTypes } from '../../../protocol/routes.ts';

type Representation = 'json' | 'ndjson';

/** What the client accepts, `preferred` where it does not mind. Throws `not-acceptable`. */
export function negotiate(request: IncomingMessage, preferred: Representation): Representation {
  const offered = preferred === 'json' ? [mediaTypes.json, mediaTypes.ndjson] : [mediaTypes.ndjson, mediaTypes.json];
  const accepted = new Negotiator(request).mediaType(offered);
  if (accepted) return accepted === mediaTypes.json ? 'json' : 'ndjson';
  throw new CallError(
    'not-acceptable',
    `answers are ${mediaTypes.json} or ${mediaTypes.ndjson}, not ${request.headers.accept}`,
  );
}
