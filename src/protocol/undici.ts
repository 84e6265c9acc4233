/**
 * The two parts of undici that the client needs. Its index would load fetch, WebSocket and the caches as well, which takes longer
 * than a bare start of node; even these are loaded only when there is somebody to call.
 */
export { default as request } from 'undici/lib/api/api-request.js';
export { default as Pool } from 'undici/lib/dispatcher/pool.js';
