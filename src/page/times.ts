// Running times on the page count on by themselves, by the server's clock: the server need not send them.

/** The server's clock less this one's, in ms. */
let aheadMs = 0;

export function setClock(serverMs: number): void {
  aheadMs = serverMs - Date.now();
}

/** Writes all running times anew. */
export function tickTimes(): void {
  const nowMs = Date.now() + aheadMs;
  for (const time of document.querySelectorAll('time')) {
    const text = textOf(time, nowMs);
    if (text !== null && time.textContent !== text) time.textContent = text;
  }
}

function textOf(time: HTMLTimeElement, nowMs: number): string | null {
  if (time.hasAttribute('data-now')) return clock(nowMs);
  if (time.hasAttribute('data-age')) return duration(nowMs - Date.parse(time.dateTime));
  if (time.hasAttribute('data-left')) return duration(Date.parse(time.dateTime) - nowMs);
  return null;
}

/** `2026-11-24 21:42:07 UTC`, as the server writes it. */
export function clock(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Two largest units, as the server writes them. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3_600)}h ${Math.floor((seconds % 3_600) / 60)}m`;
  }
  return `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3_600)}h`;
}
