// What the fleet could not do, as problems for the log and the page.

import type { Problem } from '../catalogue/problem.ts';
import type { Acknowledgement, Fleet } from '../fleet/fleet.ts';
import { findSorted } from '../plan/listeners.ts';

export function refusalProblem({ epoch, refused }: Acknowledgement): Problem {
  return {
    app: null,
    where: 'workers',
    value: '',
    message: `a change was not put in force (${refused}); epoch ${epoch} serves on, it is tried again every second`,
  };
}

export function listenerProblems(fleet: Fleet): Problem[] {
  return [...fleet.listenerErrors].map(([key, error]) => {
    const service = findSorted(fleet.plan.services, key);
    return {
      app: service?.live ?? service?.colours[0]?.appId ?? null,
      where: `listener ${key}`,
      value: '',
      message: `${error}; expected a free port: end what listens there or change the label, it is tried again`,
    };
  });
}
