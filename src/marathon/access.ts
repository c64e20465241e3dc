// How Teal is let in at Marathon, and whom it takes for Marathon.

/** Who Teal says it is. */
export type Login =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'basic'; readonly userAndPassword: string }
  | ServiceAccount;

/** A service account of DC/OS: it signs a claim with its key and gets a token for a while. */
export interface ServiceAccount {
  readonly kind: 'service-account';
  readonly uid: string;
  /** PEM. */
  readonly privateKey: string;
  /** URL that tokens are asked for at. */
  readonly loginEndpoint: string;
}

/** Which certificates of Marathon and of the login endpoint are good. */
export interface Trust {
  /** False: any. */
  readonly verifies: boolean;
  /** PEM texts of authorities; empty = those Node knows. */
  readonly authorities: readonly string[];
}

export interface MarathonAccess {
  readonly login: Login;
  readonly trust: Trust;
}

export const OPEN_ACCESS: MarathonAccess = Object.freeze({
  login: Object.freeze({ kind: 'nobody' }),
  trust: Object.freeze({ verifies: false, authorities: Object.freeze([]) }),
});
