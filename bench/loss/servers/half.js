// What a deploy meets that must be given up: the worker of slot 0 serves as before, the others die (die) or never listen (hang); or all
// serve, until the bake of their release has begun, and then want to be replaced (leave).
const { LOSS_SERVER, NAUGHT_WORKER } = process.env;
const bakingMs = 1_000;
const how = process.argv[2];

if (NAUGHT_WORKER === '0' || how === 'leave') await import(LOSS_SERVER);
else if (how === 'die') throw new Error('this release is broken');
else setInterval(() => {}, 1_000);
if (how === 'leave') setTimeout(() => process.send?.('offline'), bakingMs);
