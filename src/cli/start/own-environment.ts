/**
 * The environment of a command is meant for the server: a tracer in NODE_OPTIONS, a folder of modules, a file that Node writes. The
 * processes of naught run without it: a path in it may be relative to the folder of the application, and a tracer that listens would
 * take its port from the workers.
 */

/** What Node, or what it loads, acts upon by itself when it starts. The launcher puts the same ones aside. */
const actedUpon = [
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_V8_COVERAGE',
  'NODE_EXTRA_CA_CERTS',
  'NODE_DEBUG',
  'NODE_DEBUG_NATIVE',
  'NODE_COMPILE_CACHE',
  'NODE_REDIRECT_WARNINGS',
  'NODE_PENDING_DEPRECATION',
  'NODE_PRESERVE_SYMLINKS',
  'NODE_PRESERVE_SYMLINKS_MAIN',
  'NODE_ICU_DATA',
  'NODE_TEST_CONTEXT',
  'NODE_USE_ENV_PROXY',
  'NODE_USE_SYSTEM_CA',
  'OPENSSL_CONF',
];

/** Before the name of a variable that was put aside for the workers. */
const aside = 'NAUGHT_WORKERS_';
/** Set where they were put aside. */
const marker = 'NAUGHT_LAUNCHED';
/** Before the name of a variable that naught's own processes shall have: NAUGHT_NODE_OPTIONS is their NODE_OPTIONS. */
const ours = 'NAUGHT_';
const notOurs = /^(NODE_.*|NAUGHT_NODE_.*|OPENSSL_CONF|SSL_CERT_(FILE|DIR)|DEBUG|DIAGNOSTICS)$/;

/** The environment in which naught's own processes are started. */
export function ownEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !notOurs.test(name)));
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith(`${ours}NODE_`)) own[name.slice(ours.length)] = value;
  }
  return own;
}

/**
 * Makes process.env what the user gave. Where Node has run code in this process that is meant for the workers, the process becomes
 * a new one of the same number, if Node can do that (22.15 and later), and this does not return. Node closes on the way whatever it
 * was given besides its standard streams: one with a channel to a parent, or with sockets of a service manager, stays as it is.
 */
export function takeEnvironment(): void {
  if (process.env[marker] !== undefined) return takeBack();
  const { execve } = process as { execve?: (file: string, args: string[], env: NodeJS.ProcessEnv) => void };
  const untouched = process.env.NODE_OPTIONS === undefined && process.env.NODE_V8_COVERAGE === undefined;
  if (untouched || !execve || process.connected || process.env.LISTEN_FDS !== undefined) return;
  execve(process.execPath, [process.argv0, ...process.execArgv, '--', ...process.argv.slice(1)], putAside());
}

/** As the launcher does it. */
function putAside(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, [marker]: '1' };
  for (const name of actedUpon) {
    const { [name]: theirs, [ours + name]: own } = env;
    delete env[name];
    if (theirs !== undefined) env[aside + name] = theirs;
    if (own !== undefined) env[name] = own;
  }
  return env;
}

function takeBack(): void {
  delete process.env[marker];
  for (const name of actedUpon) {
    const value = process.env[aside + name];
    delete process.env[aside + name];
    delete process.env[name];
    if (value !== undefined) process.env[name] = value;
  }
}
