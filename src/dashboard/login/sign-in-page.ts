import type { FastifyInstance, FastifyReply } from 'fastify';
import { escapeHtml, htmlDocument } from '../html.ts';

const STYLE = `:root { font: 16px/1.5 system-ui, sans-serif; color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { width: min(20rem, 100vw - 3rem); }
h1 { font-size: 1.25rem; margin: 0 0 1.5rem; }
form, label { display: grid; gap: .35rem; }
form { gap: 1rem; }
input, button { font: inherit; padding: .5rem .75rem; border: 1px solid GrayText; border-radius: .375rem; }
button { cursor: pointer; font-weight: 600; border-color: transparent; background: #1a5fb4; color: #fff; }
:focus-visible { outline: 3px solid #62a0ea; outline-offset: 2px; }
[role=alert] { margin: 0 0 1rem; padding: .5rem .75rem; border-left: 4px solid #c01c28; }
`;

/** Adds what these pages look like. */
export function addSignInStyle(app: FastifyInstance): void {
  app.get('/sign-in.css', async (_request, reply) => reply.type('text/css').send(STYLE));
}

/** A page on the way to the dashboard, without a script. `content` is HTML. */
export function sendSignInPage(
  reply: FastifyReply,
  status: number,
  problem: string | undefined,
  content: readonly string[],
): FastifyReply {
  const alert = problem === undefined ? [] : [`<p role="alert">${escapeHtml(problem)}</p>`];
  const head = ['<link rel="icon" href="icon.svg" type="image/svg+xml">', '<link rel="stylesheet" href="sign-in.css">'];
  const body = ['<main>', '<h1>Signalbox</h1>', ...alert, ...content, '</main>'];
  return reply
    .code(status)
    .type('text/html')
    .send(htmlDocument('Sign in – Signalbox', head, body));
}
