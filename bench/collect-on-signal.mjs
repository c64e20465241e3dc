// Loaded before a program of Node's: it collects garbage on SIGUSR2, so that memory is read without what
// is only waiting to be forgotten. Wants `--expose-gc`.

process.on('SIGUSR2', () => globalThis.gc());
