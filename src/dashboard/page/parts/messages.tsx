import { useEffect, useState } from 'preact/hooks';
import { Failure } from '../api.ts';
import type { Message, Messages } from '../messages.ts';
import { Shape } from './status-word.tsx';

/** How long a message without an undo stays. One that tells of a failure stays until it is dismissed. */
const STAYS_MS = 20_000;

/** What was done, told to readers too. */
export function MessageList({ messages }: { messages: Messages }) {
  const [shown, setShown] = useState<readonly Message[]>([]);
  useEffect(() => {
    messages.onChange = setShown;
  }, [messages]);
  return (
    <div class="messages">
      <div role="status" aria-live="polite">
        {shown.map((message) => (
          <One key={message.id} message={message} messages={messages} />
        ))}
      </div>
    </div>
  );
}

function One({ message, messages }: { message: Message; messages: Messages }) {
  const { id, level, text, undo } = message;
  useEffect(() => {
    if (level === 'error') return;
    const stays = undo ? undo.until - performance.now() : STAYS_MS;
    const timer = setTimeout(() => messages.dismiss(id), stays);
    return () => clearTimeout(timer);
  }, [id, level, undo, messages]);
  return (
    <div class={`message is-${level}`}>
      <Shape level={level} />
      <span class="message-text">{text}</span>
      {undo && <Undo message={message} undo={undo} messages={messages} />}
      <button type="button" class="quiet" aria-label="Dismiss" onClick={() => messages.dismiss(id)}>
        ✕
      </button>
    </div>
  );
}

function Undo({
  message,
  undo,
  messages,
}: {
  message: Message;
  undo: NonNullable<Message['undo']>;
  messages: Messages;
}) {
  const [left, setLeft] = useState(() => undo.until - performance.now());
  const [isRunning, setRunning] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => setLeft(undo.until - performance.now()), 1_000);
    return () => clearInterval(timer);
  }, [undo]);
  const run = async () => {
    setRunning(true);
    try {
      await undo.run();
    } catch (error) {
      const why = error instanceof Failure ? error.message : String(error);
      messages.say({ level: 'error', text: `Could not be undone: ${why}` });
    }
    messages.dismiss(message.id);
  };
  return (
    <button type="button" class="button small" disabled={isRunning} onClick={run}>
      Undo
      {/* Each second would be read out. */}
      <span class="countdown" aria-hidden="true">
        {Math.max(0, Math.ceil(left / 1_000))} s
      </span>
    </button>
  );
}
