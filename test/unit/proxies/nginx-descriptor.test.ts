import { expect, it } from 'vitest';
import { describe as descriptorOf, targetUrl } from '../../../src/proxies/nginx/descriptor.ts';
import { parseTarget, type Target } from '../../../src/proxies/nginx/target.ts';

it.each([
  'http://127.0.0.1:9002',
  'https://[::1]:8443/base',
  'http://127.0.0.1:9002/base/',
  'http://127.0.0.1:9002?k=/?v',
  'http://127.0.0.1:9002/base?k=v',
  'http://127.0.0.1:9002/base/?k=v',
  'http+unix://%2Frun%2Fapp.sock/base/',
])('%s can be read back from its descriptor', (url) => {
  expect(targetUrl(descriptorOf(parseTarget(url) as Target))).toBe(url);
});
