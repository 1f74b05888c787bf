import { SignalboxError } from '../../errors.ts';
import { isInScope } from '../../routes/scope.ts';
import type { View } from './view.ts';

/**
 * An error of a change as its sender may read it: with the keys that it knows, and without why the proxy serves nothing, which may be
 * another namespace's route.
 */
export function errorFor({ namespace, scope, toShown }: View, error: unknown): unknown {
  if (namespace === undefined || !(error instanceof SignalboxError)) return error;
  const { code, message, hint } = error;
  if (code === 'NOT_SERVED') {
    return new SignalboxError(code, 'stored, but the proxy does not serve it', {
      hint: 'The change is kept and will be served as soon as the proxy can. Whoever runs Signalbox sees the reason in GET /status.',
    });
  }
  const shown = message.replaceAll(/"(?:[^"\\]|\\.)*"/g, (quoted) => {
    const key = textOf(quoted);
    return key.startsWith('/') && isInScope(scope, key) ? JSON.stringify(toShown(key)) : quoted;
  });
  return new SignalboxError(code, shown, { hint });
}

function textOf(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return '';
  }
}

/** The answer to a namespace's token where only that for the whole table will do. */
export function notForNamespaces(namespace: string): SignalboxError {
  return new SignalboxError('NOT_IN_NAMESPACE', 'Forbidden: this is about the whole of Signalbox', {
    hint: `The token of the namespace ${namespace} is for its routes; take the one that Signalbox was started with.`,
  });
}
