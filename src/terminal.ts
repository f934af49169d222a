/** Prints what the user of a terminal wants to know. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Prints a problem in one line. */
export const complain = (text: string): void => void process.stderr.write(`trellis: ${text}\n`);
