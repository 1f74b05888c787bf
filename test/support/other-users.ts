import { findProgram } from '../../src/system/find-program.ts';

/** Why no process can be started as another user; undefined where one can. */
export const noOtherUsers =
  process.getuid?.() !== 0
    ? 'only root can start a process as another user'
    : findProgram('setpriv') === undefined
      ? 'there is no setpriv(1) here'
      : undefined;
