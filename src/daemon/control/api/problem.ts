import type { FastifyReply } from 'fastify';
import { type CallError, errors } from '../../../protocol/errors.ts';
import { problemText } from '../../../protocol/problem.ts';
import { mediaTypes } from '../../../protocol/table.ts';

/** A refusal before the answer began, as application/problem+json (RFC 9457). */
export function sendProblem(reply: FastifyReply, error: CallError): FastifyReply {
  return reply.code(errors[error.kind].status).header('content-type', mediaTypes.problem).send(problemText(error));
}
