// Opens the inspector in the process of naught that NODE_INSPECTED names, for inspector.ts; the others load it too.
const [program, port] = (process.env.NODE_INSPECTED ?? '').split(' ');
if (program && process.argv[1]?.endsWith(`${program}.js`)) require('node:inspector').open(Number(port), '127.0.0.1');
