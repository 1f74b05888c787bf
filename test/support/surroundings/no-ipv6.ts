/**
 * What Node meets on a kernel without IPv6, for the environment of a program that runs on it: no such interface, and EAFNOSUPPORT where
 * `::` is asked for. A listener that names no host gets IPv4 from Node itself.
 */
const code = `
import net from 'node:net';
import os from 'node:os';
import { syncBuiltinESMExports } from 'node:module';
const { networkInterfaces } = os;
const isIPv4 = ({ family }) => family === 'IPv4';
os.networkInterfaces = () =>
  Object.fromEntries(Object.entries(networkInterfaces()).map(([name, all]) => [name, all.filter(isIPv4)]));
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (...args) {
  const [{ host } = {}] = args;
  if (!String(host).includes(':')) return listen.apply(this, args);
  const error = Object.assign(new Error('listen EAFNOSUPPORT'), { code: 'EAFNOSUPPORT', syscall: 'listen' });
  process.nextTick(() => this.emit('error', error));
  return this;
};
syncBuiltinESMExports();
`;

export const noIPv6 = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
