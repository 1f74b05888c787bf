import type { Me } from './page-api.ts';
import type { Access } from './page-token.ts';
import type { Viewer } from './viewer.ts';

/** What an action needs: a right here, or one at the Hub, which judges by itself. */
export type Right = 'operate' | 'hub';

export interface Rights {
  /** Why somebody may not, in a sentence; undefined where they may. */
  missing(viewer: Viewer, access: Access, right: Right): string | undefined;
}

/** `mayChange`: has this dashboard the daemon's whole token? */
export function rightsOf({ kind, mayChange }: { kind: Me['login']; mayChange: boolean }): Rights {
  return {
    missing({ mayOperate }, access, right) {
      if (kind === 'none') return 'Nobody signs in to this dashboard, so it shows and changes nothing.';
      if (access === 'look') {
        return 'This page came without encryption, so it shows and changes nothing: open it with https, or on localhost.';
      }
      if (right === 'hub') return undefined;
      if (!mayChange) return 'This dashboard has only the read token of Signalbox, so it shows and changes nothing.';
      return mayOperate ? undefined : 'You may look, and change no routes.';
    },
  };
}
