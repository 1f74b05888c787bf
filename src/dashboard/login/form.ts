import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { nextPath } from '../next-path.ts';
import { isOurs } from '../origin.ts';
import type { Sessions } from '../sessions.ts';
import type { Viewer } from '../viewer.ts';
import type { Login } from './login.ts';
import { sendSignInPage } from './sign-in-page.ts';

/** A field of the form; nothing of it comes from outside. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly isSecret: boolean;
  /** https://html.spec.whatwg.org/#autofill */
  readonly autocomplete: string;
}

export interface FormOptions {
  readonly kind: Login['kind'];
  readonly fields: readonly Field[];
  /** Whose session begins with these values; undefined where they are wrong. */
  readonly check: (values: URLSearchParams) => Promise<Viewer | undefined>;
  readonly viewer: Login['viewer'];
}

export interface FormContext {
  readonly prefix: string;
  readonly publicUrl: URL | undefined;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Tries a minute: of one address, and of all. */
const MOST_TRIES = 5;
const MOST_OF_ALL = 60;
const MINUTE_MS = 60_000;
const MOST_BYTES = 8_192;

/** Signing in by a form, which works without JavaScript. */
export function formLogin(options: FormOptions, context: FormContext): Login {
  const { prefix } = context;
  const place = `${prefix}sign-in`;
  return {
    kind: options.kind,
    viewer: options.viewer,
    afterLogOut: place,
    async begin(_request, reply, next) {
      return reply.redirect(next === prefix ? place : `${place}?next=${encodeURIComponent(next)}`, 302);
    },
    register: (app, sessions) => addForm(app, sessions, options, context),
  };
}

function addForm(app: FastifyInstance, sessions: Sessions, options: FormOptions, context: FormContext): void {
  const { prefix, publicUrl, log } = context;
  app.register(async (scope) => {
    await scope.register(rateLimit, { global: false });
    const limits = [
      // A proxy on a unix socket may not say whose request it is.
      scope.createRateLimit({ max: MOST_TRIES, timeWindow: MINUTE_MS, keyGenerator: ({ ip }) => ip ?? '' }),
      scope.createRateLimit({ max: MOST_OF_ALL, timeWindow: MINUTE_MS, keyGenerator: () => 'all' }),
    ];
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MOST_BYTES },
      async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
    );

    scope.get('/sign-in', async (_request, reply) => sendForm(reply, options, 200));

    scope.post('/sign-in', async (request, reply) => {
      if (!isOurs(request, publicUrl))
        return sendForm(reply, options, 403, 'That came from another page. Sign in here.');
      for (const limit of limits) {
        const { isAllowed, ...rest } = await limit(request);
        if (isAllowed || !('isExceeded' in rest) || !rest.isExceeded) continue;
        log.warn({ from: request.ip }, 'too many tries to sign in');
        reply.header('retry-after', rest.ttlInSeconds);
        return sendForm(reply, options, 429, `Too many tries: wait ${rest.ttlInSeconds} s.`);
      }
      const { body } = request;
      const viewer = body instanceof URLSearchParams ? await options.check(body) : undefined;
      if (viewer === undefined) {
        log.warn({ from: request.ip }, 'a try to sign in was refused');
        return sendForm(reply, options, 403, `${options.fields.map(({ label }) => label).join(' or ')} is wrong.`);
      }
      sessions.begin(request, reply, viewer);
      log.info({ actor: viewer.name, mayOperate: viewer.mayOperate, from: request.ip }, 'signed in');
      const { next } = request.query as { next?: unknown };
      return reply.redirect(nextPath(typeof next === 'string' ? next : undefined, prefix), 303);
    });
  });
}

function sendForm(reply: FastifyReply, { fields }: FormOptions, status: number, problem?: string): FastifyReply {
  const inputs = fields.map(({ name, label, isSecret, autocomplete }, index) => {
    const type = isSecret ? 'password' : 'text';
    const focus = index === 0 ? ' autofocus' : '';
    return `<label>${label}<input name="${name}" type="${type}" autocomplete="${autocomplete}" required${focus}></label>`;
  });
  // Without `action` it goes to where it came from, with the fragment, which browsers keep through the redirect.
  const form = ['<form method="post">', ...inputs, '<button>Sign in</button>', '</form>'];
  return sendSignInPage(reply, status, problem, form);
}
