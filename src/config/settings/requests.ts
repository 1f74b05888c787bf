import { optional, optionalOneOf, withDefault } from '../setting.ts';
import { wait } from './limits.ts';

/** What happens to a request and its answer. */
export const requests = {
  'default-target': optional('url', 'Where requests go that match no route.'),
  'error-target': optional('url', 'Where error pages come from: asked for /404, /503 and so on.'),
  'error-path': optional('path', 'Folder of error pages 404.html, 503.html and so on, else error.html.', {
    inNginxConfig: true,
  }),
  'host-routing': withDefault('boolean', 'false', 'Route by host name, then by path.'),
  'x-forward': withDefault('boolean', 'true', 'Tell backends about the client in X-Forwarded-* headers.'),
  'prepend-path': withDefault('boolean', 'true', "Put the path of a route's target before the path of the request."),
  'include-prefix': withDefault('boolean', 'true', "Leave a route's own path in the path that its backend sees."),
  'auto-rewrite': withDefault('boolean', 'false', "Redirects to the backend's own host get the client's Host instead."),
  'change-origin': withDefault('boolean', 'false', "Send the target's host as Host, not the client's."),
  'protocol-rewrite': optionalOneOf(['http', 'https'], 'Scheme to put into redirects that a backend answers with.'),
  'custom-header': withDefault('headers', '', 'Headers that every request to a backend gets.'),
  timeout: optional('duration', 'Close client connections that are silent so long amid a request.', wait(1)),
  'proxy-timeout': optional('duration', 'Answer 503 when a backend is silent so long.', wait(1)),
  'keep-alive-timeout': withDefault('duration', '75s', 'How long idle client connections stay open.', wait(1)),
};
