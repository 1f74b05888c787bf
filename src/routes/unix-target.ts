/** Does a target lead to a unix socket? */
export function leadsToSocket(target: string): boolean {
  return /^\s*(?:http\+unix|unix\+http):/i.test(target);
}
