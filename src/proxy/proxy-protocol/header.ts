// What a PROXY protocol header says, and the limits of its two forms (the specification by HAProxy's
// author, proxy-protocol.txt). Addresses are text as Node writes them.

/** The two ends of the connection that the sender of the header relays. */
export interface ProxyAddresses {
  /** IPv4 or IPv6, both ends of one family. */
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** Version 1: `PROXY TCP6 …` with the longest addresses and ports, line end included. */
export const MAX_V1_BYTES = 107;
/** Version 2: signature, command, family and length of what follows. */
export const V2_FIXED_BYTES = 16;
/** Version 2 in all. Nothing that is known to send it (certificates in TLVs included) comes near. */
export const MAX_V2_BYTES = 4_096;

export const V1_SIGNATURE = Buffer.from('PROXY ', 'latin1');
export const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
