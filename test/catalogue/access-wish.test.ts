import { describe, expect, it } from 'vitest';
import { labelled } from './apps.ts';

const LABEL = 'TEAL_0_ACCESS_LOG';

describe('TEAL_{n}_ACCESS_LOG', () => {
  it.each([
    ['on', { which: 'all', share: 1 }],
    [' OFF ', { which: 'none', share: 1 }],
    ['errors', { which: 'errors', share: 1 }],
    ['sample:0.01', { which: 'all', share: 0.01 }],
    ['sample:.5', { which: 'all', share: 0.5 }],
  ])('%j is a wish of its own, in both modes', (value, accessLog) => {
    for (const more of [{}, { HAPROXY_0_MODE: 'tcp' }]) {
      const { claims, problems } = labelled({ [LABEL]: value, ...more });
      expect(claims[0]?.accessLog).toEqual(accessLog);
      expect(problems).toEqual([]);
    }
  });

  it.each([
    ['option httplog', {}, { which: 'all', share: 1 }],
    ['option tcplog', { HAPROXY_0_MODE: 'tcp' }, { which: 'all', share: 1 }],
    ['option httplog\n option dontlog-normal', {}, { which: 'errors', share: 1 }],
    ['option dontlog-normal\n option httplog', {}, { which: 'errors', share: 1 }],
    ['option httplog', { [LABEL]: 'off' }, { which: 'none', share: 1 }],
  ])(
    '%j in FRONTEND_HEAD is the same wish, where there is no label: %j',
    (text, more, accessLog) => {
      const { claims, problems } = labelled({
        HAPROXY_0_FRONTEND_HEAD: `frontend {backend}\n ${text}`,
        ...more,
      });
      expect(claims[0]?.accessLog).toEqual(accessLog);
      expect(problems).toEqual([]);
    },
  );

  it.each(['', 'true', 'sample', 'sample:0', 'sample:1.5', 'sample:-1', 'sample:1e-3', 'error'])(
    '%j is told to be none, and leaves it to the flags',
    (value) => {
      const { claims, problems } = labelled({ [LABEL]: value });
      expect(claims[0]).not.toHaveProperty('accessLog');
      expect(problems.map(({ where, message }) => `${where}: ${message}`)).toEqual([
        `${LABEL}: expected on, off, errors or sample:0.01 (a part of them, above 0 up to 1); it is logged as without it`,
      ]);
    },
  );
});
