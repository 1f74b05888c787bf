import { versionText } from '../../process/version-text.ts';
import { requireProgram } from '../../system/find-program.ts';
import { checkOldest, parseVersion, type Version } from '../version.ts';

/** What decides which directives can be rendered. */
export interface NginxBuild {
  /** Undefined for a derivative of nginx with a version of its own. */
  readonly version: Version | undefined;
  /** Standard parts that it was built without: `http_ssi_module`, `http-cache`. */
  readonly without: readonly string[];
  /** Is its C library musl, as that of Alpine is? */
  readonly isMusl: boolean;
}

/** What `nginx -V` says. Throws PROXY_MISSING when it does not run. */
export async function readBuild(nginx: string): Promise<NginxBuild> {
  const text = await buildText(nginx);
  return {
    version: parseVersion(/^nginx version: nginx\/(\S+)/m.exec(text)?.[1] ?? ''),
    without: [...text.matchAll(/ --without-(\S+)/g)].map(([, part = '']) => part),
    isMusl: /^built by .*(?:Alpine|musl)/m.test(text),
  };
}

export async function readVersion(nginx: string): Promise<Version | undefined> {
  return (await readBuild(nginx)).version;
}

/** Throws PROXY_MISSING when the program is older than the oldest nginx that tests run against. */
export function checkVersion(program: string, version: Version | undefined): void {
  checkOldest({ program, proxy: 'nginx' }, version, [1, 22]);
}

/** All that `nginx -V` says. Throws PROXY_MISSING when it does not run. */
export function buildText(nginx: string): Promise<string> {
  return versionText(nginx, ['-V'], 'Say where nginx is with --nginx PATH.');
}

/** Throws PROXY_MISSING when there is none. */
export function requireNginx(name: string): string {
  const install = 'Install nginx (apt-get install nginx-light, brew install nginx)';
  return requireProgram(name, 'nginx', `${install}, or say where it is with --nginx PATH.`);
}
