import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { FailureText } from './empty.tsx';

/** Something that is asked before it is done. */
export interface Asked {
  readonly title: string;
  /** What it is done to, and what follows. */
  readonly body: ComponentChildren;
  readonly verb: string;
  /** While it fails the question stays, with the reason. */
  readonly run: () => Promise<void>;
}

/** The browser keeps the focus inside, closes it by Escape, and gives the focus back. */
export function Confirm({ asked, close }: { asked: Asked | undefined; close: () => void }) {
  return asked ? <Open asked={asked} close={close} /> : null;
}

function Open({ asked, close }: { asked: Asked; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [state, setState] = useState<{ isRunning: boolean; error?: unknown }>({ isRunning: false });
  const title = useId();
  const body = useId();
  useEffect(() => {
    // It gives the focus to what stands first: to cancel.
    if (!dialog.current?.open) dialog.current?.showModal();
  }, [asked]);
  useEffect(() => {
    const shown = dialog.current;
    // Taken out of the document while open it would leave the focus nowhere.
    return () => shown?.close();
  }, []);
  const run = async () => {
    setState({ isRunning: true });
    try {
      await asked.run();
      dialog.current?.close();
    } catch (error) {
      setState({ isRunning: false, error });
    }
  };
  // That is told a moment later, when it may be open again.
  const closed = () => {
    if (!dialog.current?.open) close();
  };
  return (
    <dialog ref={dialog} class="confirm" aria-labelledby={title} aria-describedby={body} onClose={closed}>
      <h2 id={title}>{asked.title}</h2>
      <div id={body}>{asked.body}</div>
      {state.error !== undefined && (
        <p class="failed" role="alert">
          ■ <FailureText error={state.error} />
        </p>
      )}
      <div class="choices">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button type="button" class="button danger" disabled={state.isRunning} onClick={run}>
          {state.isRunning ? 'Working…' : asked.verb}
        </button>
      </div>
    </dialog>
  );
}
