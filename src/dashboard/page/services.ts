import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Me } from '../page-api.ts';
import type { Api } from './api.ts';
import type { Messages } from './messages.ts';
import type { Answer, Poller, Question } from './poll.ts';

/** What views work with. */
export interface Services {
  readonly api: Api;
  readonly poller: Poller;
  readonly messages: Messages;
}

export const ServicesContext = createContext<Services | undefined>(undefined);
export const MeContext = createContext<Me | undefined>(undefined);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error('no services around this view');
  return services;
}

/** Who looks; undefined until it is known, when nothing is offered that needs a right. */
export const useMe = (): Me | undefined => useContext(MeContext);

/** How often what is seen is asked for. */
const POLL_MS = 2_000;

const NOTHING: Answer<never> = { data: undefined, error: undefined, at: 0 };

/**
 * Follows a question. While another one waits for its first answer the last data stays, so that a table doesn't go blank at
 * each letter of a filter; `isOld` says so.
 */
export function useQuestion<T>(question: Question<T> | undefined): Answer<T> & { readonly isOld: boolean } {
  const { poller } = useServices();
  const [{ name, answer }, setAnswer] = useState<{ name: string; answer: Answer<T> }>({ name: '', answer: NOTHING });
  const asked = question?.name ?? '';
  // The name stands for the question.
  useEffect(
    () => (question ? poller.watch(question, (newer) => setAnswer({ name: asked, answer: newer })) : undefined),
    [poller, asked],
  );
  return { ...answer, isOld: name !== asked };
}

/** Follows a path. */
export function usePoll<T>(path: string | undefined, every = POLL_MS): Answer<T> & { readonly isOld: boolean } {
  return useQuestion<T>(path === undefined ? undefined : { name: path, path: () => path, every });
}
