// What is read from disk once, at the start: certificates for https, the credentials for Marathon, and
// templates. Throws UsageError for what cannot be used.

import { readFileSync } from 'node:fs';
import type { DeclaredService } from '../catalogue/declared.ts';
import type { Logger } from '../log/logger.ts';
import type { MarathonAccess } from '../marathon/access.ts';
import { readCertificates, readCertificateText, reasonOf } from '../options/certificates.ts';
import { openAccess } from '../options/marathon-access.ts';
import { readSecret } from '../options/order-flags.ts';
import { makeSelfSigned } from '../options/self-signed.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import { readServicesFile } from '../options/services-file.ts';
import { readTemplates } from '../options/template-files.ts';
import { UsageError } from '../options/usage-error.ts';
import type { SharedCertificates } from './certificates.ts';

export interface StartFiles {
  readonly certificates: SharedCertificates;
  readonly access: MarathonAccess;
  /** By name without `HAPROXY_`. */
  readonly templates: ReadonlyMap<string, string>;
  /** Of `--config`. */
  readonly services: readonly DeclaredService[];
  /** Empty = none is set. */
  readonly adminToken: string;
  /** Empty = no previews. */
  readonly previewSecret: string;
}

export function readStartFiles(options: ServeOptions, log: Logger): StartFiles {
  const { templateFolders, templates: fromEnvironment } = options.environment;
  const templates = readTemplates(templateFolders, fromEnvironment);
  for (const notice of templates.notices) log.warn({}, notice);
  return {
    certificates: certificatesFor(options, log),
    access: openAccess(options.marathonAccess),
    templates: templates.texts,
    services: servicesOf(options.sources.servicesFile),
    adminToken: readSecret(options.adminTokenFile, options.environment.adminToken, {
      flag: '--admin-token-file',
      variable: 'TEAL_ADMIN_TOKEN',
    }),
    previewSecret: readSecret(options.previewSecretFile, options.environment.previewSecret, {
      flag: '--preview-secret-file',
      variable: 'TEAL_PREVIEW_SECRET',
    }),
  };
}

function servicesOf(path: string): readonly DeclaredService[] {
  if (path === '') return [];
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--config ${path}: ${reasonOf(error)}; expected a JSON file of services`);
  }
  const file = readServicesFile(text);
  if ('services' in file) return file.services;
  throw new UsageError(file.faults.map((fault) => `--config ${path}: ${fault}`).join('\n'));
}

/** The given certificates, or one made now as Marathon-LB's container makes it. */
function certificatesFor(options: ServeOptions, log: Logger): SharedCertificates {
  const { httpsPort, certificatePaths: paths, environment } = options;
  if (httpsPort === 0) return { paths: [], fromFiles: [], fixed: [] };
  const fixed = environment.certificates.map(({ name, text }) => {
    try {
      return readCertificateText(text);
    } catch (error) {
      throw new UsageError(`${name}: ${reasonOf(error)}`);
    }
  });
  const fromFiles = readCertificates(paths);
  if (fromFiles.length + fixed.length > 0) return { paths, fromFiles, fixed };
  log.info({}, 'no certificate was given: https uses a self-signed one made now');
  return { paths: [], fromFiles: [], fixed: [makeSelfSigned()] };
}
