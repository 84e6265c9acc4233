/** In the place of undici's HTTP/2: the API speaks HTTP/1.1. */
export const http1Only = "module.exports = () => { throw new Error('HTTP/1.1 only'); };";

/**
 * A plugin of esbuild: what is never used of a package, since reading and compiling that code would take longer than what it is bundled
 * with does. `packages`: what takes the place of each; `files`: likewise, by the end of the path; `from`: whose imports are meant.
 */
export const leaveOut = (packages, files = {}, from = /./) => ({
  name: 'leave-out',
  setup(build) {
    const namespace = `left-out-of-${from.source}`;
    const names = new RegExp(`^(${Object.keys(packages).join('|')})$`);
    build.onResolve({ filter: names }, ({ path, importer }) => (from.test(importer) ? { path, namespace } : undefined));
    build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: packages[path] }));
    for (const [ending, contents] of Object.entries(files)) {
      build.onLoad({ filter: new RegExp(`${ending.replaceAll('.', '\\.')}$`) }, () => ({ contents }));
    }
  },
});
