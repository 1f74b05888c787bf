import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

const self = ["'self'"];
const none = ["'none'"];

/** What tells a browser what our pages are allowed to do, and who may do what with them. */
export function setHeaders(app: FastifyInstance): void {
  app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: none,
        scriptSrc: self,
        styleSrc: self,
        imgSrc: self,
        connectSrc: self,
        frameAncestors: none,
        baseUri: none,
        formAction: self,
        requireTrustedTypesFor: ["'script'"],
      },
    },
    // Below, as it depends on the browser.
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
    // Not no-referrer: a form would then be sent without its origin.
    referrerPolicy: { policy: 'same-origin' },
    // Whether a host is for https alone is for its proxy to say.
    hsts: false,
  });
  app.addHook('onRequest', async ({ headers }, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'cross-origin-opener-policy': openerPolicy(headers['user-agent']),
      'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
    });
  });
}

/**
 * Keeps a page of the same origin that opened ours from reaching into it. `same-origin` would do that only against pages that don't
 * send it as well; Firefox doesn't know the other one, and would take it for none.
 */
function openerPolicy(userAgent = ''): string {
  return /\bfirefox\//i.test(userAgent) ? 'same-origin' : 'noopener-allow-popups';
}
