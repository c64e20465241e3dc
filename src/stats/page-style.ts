// The page's style sheet. Light and dark by the reader's setting; tables scroll inside their frame, the
// page itself never does sideways; every hue is accompanied by a word or a mark.

import { createHash } from 'node:crypto';
import { STYLE_FRAME } from './style-frame.ts';
import { STYLE_PEERS } from './style-peers.ts';
import { STYLE_SERVICES } from './style-services.ts';
import { STYLE_TABLES } from './style-tables.ts';

export const STYLE = STYLE_FRAME + STYLE_PEERS + STYLE_SERVICES + STYLE_TABLES;

/** Changes with the text, so that a browser may keep what it has for ever. */
export const STYLE_URI = `/teal.css?${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}`;
