import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useServices } from '../services.ts';
import { FailureText } from './empty.tsx';

/** Does something that needs no question, and says what came of it. */
export function ActionButton({ title, run }: { title: string; run: () => Promise<ComponentChildren> }) {
  const { messages } = useServices();
  const [isRunning, setRunning] = useState(false);
  const click = async () => {
    setRunning(true);
    try {
      messages.say({ level: 'ok', text: await run() });
    } catch (error) {
      messages.say({
        level: 'error',
        text: (
          <>
            {title}: <FailureText error={error} />
          </>
        ),
      });
    } finally {
      setRunning(false);
    }
  };
  return (
    // Disabled it would lose the focus.
    <button type="button" class="button" aria-disabled={isRunning} onClick={isRunning ? undefined : click}>
      {title}
    </button>
  );
}
