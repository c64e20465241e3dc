// Which colour a colour is drawn in: blue and green when the app ids say so, else two hues that are
// neither. The hue never says what is live; words and marks do.

export type Hue = 'blue' | 'green' | 'violet' | 'ochre';

const NEUTRAL: readonly Hue[] = ['violet', 'ochre'];

/** `appIds`: all colours of the service, in the plan's order, so that hues stay as they are. */
export function hueOf(appId: string | null, appIds: readonly string[]): Hue {
  if (appId === null) return 'violet';
  const named = namedHue(appId);
  if (named !== null) return named;
  const others = appIds.filter((one) => namedHue(one) === null);
  return NEUTRAL[Math.max(0, others.indexOf(appId)) % NEUTRAL.length] as Hue;
}

function namedHue(appId: string): Hue | null {
  const word = /(?:^|[^a-z0-9])(blue|green)(?![a-z0-9])[^/]*$/i.exec(appId)?.[1]?.toLowerCase();
  return word === 'blue' || word === 'green' ? word : null;
}
