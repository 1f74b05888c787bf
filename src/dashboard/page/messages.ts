import type { ComponentChildren } from 'preact';

/** What is said after something was done. */
export interface Message {
  readonly id: number;
  readonly level: 'ok' | 'error';
  readonly text: ComponentChildren;
  /** Takes it back, until then by `performance.now()`. */
  readonly undo?: { readonly until: number; readonly run: () => Promise<void> };
}

const SHOWN = 3;

/** The messages that are shown, and who shows them. */
export class Messages {
  #shown: readonly Message[] = [];
  #last = 0;
  onChange: (shown: readonly Message[]) => void = () => {};

  say(message: Omit<Message, 'id'>): void {
    this.#last += 1;
    this.#set([...this.#shown, { ...message, id: this.#last }].slice(-SHOWN));
  }

  dismiss(id: number): void {
    this.#set(this.#shown.filter((message) => message.id !== id));
  }

  #set(shown: readonly Message[]): void {
    this.#shown = shown;
    this.onChange(shown);
  }
}
