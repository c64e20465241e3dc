// What the end of a process means for its task. A task that was killed is KILLED, whatever its exit status.

import type { Condition, TaskState } from './instance.ts';
import type { Exit } from './runner.ts';

export interface TaskEnd {
  readonly state: TaskState;
  readonly condition: Condition;
  readonly message: string;
}

export function endOf({ code, signal, error }: Exit, killed: boolean): TaskEnd {
  let message = `Command exited with status ${code}`;
  if (signal !== null) message = `Command terminated with signal ${signal}`;
  if (error !== null) message = `Failed to launch the command: ${error}`;
  if (killed) return { state: 'TASK_KILLED', condition: 'Killed', message };
  const finished = error === null && code === 0;
  return finished
    ? { state: 'TASK_FINISHED', condition: 'Finished', message }
    : { state: 'TASK_FAILED', condition: 'Failed', message };
}
