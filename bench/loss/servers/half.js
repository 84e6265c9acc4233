// What a deploy meets that must be given up: the worker of slot 0 serves as before, the others die (die) or never listen (hang).
const { LOSS_SERVER, NAUGHT_WORKER } = process.env;

if (NAUGHT_WORKER === '0') await import(LOSS_SERVER);
else if (process.argv[2] === 'die') throw new Error('this release is broken');
else setInterval(() => {}, 1_000);
