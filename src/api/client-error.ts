// What cannot even be parsed as HTTP has no request and no reply: the socket is answered by hand and closed.

import {STATUS_CODES} from 'node:http';
import type {Socket} from 'node:net';
import {type Failure, problemOf} from './failures.ts';

/** Node's parser errors as problem documents. A connection that was reset has nobody to tell. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const document = problemOf(failureOf(error.code));
  closeWith(socket, document.status, 'application/problem+json', JSON.stringify(document));
}

export function closeWith(socket: Socket, status: number, mediaType: string, body: string): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      `Content-Type: ${mediaType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

function failureOf(code: string | undefined): Failure {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {kind: 'headers-too-large'};
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {kind: 'timed-out'};
    default:
      return {kind: 'malformed', detail: 'This is not an HTTP request.'};
  }
}
