import type { IncomingMessage } from 'node:http';
import Negotiator from 'negotiator';
import { CallError } from '../../../protocol/errors.ts';
import { mediaTypes, type Representation } from '../../../protocol/table.ts';
import { shortened } from '../../../protocol/text.ts';

/** Which of the answers the client accepts, the first where it does not mind. Throws `not-acceptable`. */
export function negotiate(request: IncomingMessage, answers: readonly Representation[]): Representation {
  const offered = answers.map((answer) => mediaTypes[answer]);
  const accepted = new Negotiator(request).mediaType(offered);
  const answer = answers.find((each) => mediaTypes[each] === accepted);
  if (answer) return answer;
  throw new CallError(
    'not-acceptable',
    `answers are ${offered.join(' or ')}, not ${shortened(request.headers.accept ?? '')}`,
  );
}
