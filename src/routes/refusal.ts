/** Why a route can never be served, or stored: what the API answers with status 400. */
export interface Refusal {
  /** What of the route it is about. */
  readonly of: 'routespec' | 'target';
  readonly message: string;
  readonly hint: string;
}
