// Body framing as a number: a Content-Length, or one of these, which have no length known ahead.

export const NO_BODY = 0;
export const CHUNKED = -1;
export const UNTIL_CLOSE = -2;
