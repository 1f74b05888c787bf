const KEPT = /^(PATH|HOME|TMPDIR|TZ|LANG|LC_\w+|LD_\w+|MALLOC_\w+|OPENSSL_\w+|SSL_CERT_FILE|SSL_CERT_DIR|GO[A-Z]+)$/;

/** What a proxy gets of our environment: nothing that could be a secret, such as the API's token. */
export function proxyEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.test(name)));
}
