// Where commands write, and how: colour only for a person at a terminal.

export interface Terminal {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** SGR parameters of ECMA-48. */
const CODES = { bold: 1, faint: 2, red: 31, green: 32, yellow: 33 } as const;

export type Paint = (text: string, colour: keyof typeof CODES) => string;

export function paintFor({ stdout, env }: Terminal): Paint {
  const isColoured = stdout.isTTY === true && !env['NO_COLOR'];
  return (text, colour) => (isColoured ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text);
}

/** Resolves when it is handed over: the process ends after it. A reader that went away is no fault. */
export function write(stream: NodeJS.WritableStream, content: string): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write(content, () => resolve());
  });
}
