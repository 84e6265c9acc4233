import { STATUS_CODES } from 'node:http';
import { type CallError, errors } from './errors.ts';
import { mediaTypes } from './table.ts';

/** A refusal before the answer began (RFC 9457): the body. */
export function problemText(error: CallError): string {
  const { status, title } = errors[error.kind];
  return JSON.stringify({
    type: `urn:naught:${error.kind}`,
    title,
    status,
    detail: error.message,
    error: error.toWire(),
  });
}

/** The whole response, for a connection on which no server answers. */
export function problemResponse(error: CallError): string {
  const { status } = errors[error.kind];
  const body = problemText(error);
  const header = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `Content-Type: ${mediaTypes.problem}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${header.join('\r\n')}\r\n\r\n${body}`;
}
