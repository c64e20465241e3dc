// One line at the foot of the window, read out by screen readers: what has just happened.

const SHOWN_MS = 8_000;

let timer = 0;

/** `tone`: how it is coloured. It goes by itself, a `bad` one stays until the next. */
export function notice(text: string, tone: 'good' | 'bad'): void {
  const line = document.getElementById('notice');
  if (line === null) return;
  line.textContent = text;
  line.className = tone;
  clearTimeout(timer);
  if (tone === 'good') timer = setTimeout(() => line.removeAttribute('class'), SHOWN_MS);
}
