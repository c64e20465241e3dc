// The tests of TLS once more, where Node does not offer its TLS handles.

import { expect, test, vi } from 'vitest';
import { NATIVE_TLS } from '../../src/proxy/native-tls.ts';

vi.mock(import('../../src/proxy/native-tls.ts'), async (original) => ({
  ...(await original()),
  NATIVE_TLS: null,
}));

await import('./tls.test.ts');
await import('./tls-services.test.ts');
await import('./tls-hostile.test.ts');
await import('./tls-by-name.test.ts');

test('handles are not used here', () => {
  expect(NATIVE_TLS).toBeNull();
});
