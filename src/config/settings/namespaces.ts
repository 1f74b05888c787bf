import { optional } from '../setting.ts';

/** Several Hubs on one Signalbox. */
export const namespaces = {
  namespaces: optional('namespaces', 'Parts of the table with tokens of their own, by name; only in the file.'),
};
