import { http1Only, leaveOut } from './leave-out.mjs';

/** undici is in one file, which the command and naught2/client load when there is somebody to call. Of this they are told here. */
export const takeUndici = (path) => ({
  name: 'take-undici',
  setup({ onResolve }) {
    onResolve({ filter: /\/undici\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
});

/** Of Node's modules that undici loads: two things of its HTTP, and whether something is true. */
const instead = {
  'node:http': 'exports.maxHeaderSize = 16384; exports.IncomingMessage = class {};',
  'node:assert': `module.exports = (value, message = 'undici: an assertion failed') => {
    if (!value) throw message instanceof Error ? message : new Error(message);
  };`,
};

/** How that file is made. A person has no use for its text: it is undici's alone. */
export const undiciOptions = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  minify: true,
  plugins: [leaveOut(instead, { 'undici/lib/dispatcher/client-h2.js': http1Only }, /node_modules.undici/)],
};
