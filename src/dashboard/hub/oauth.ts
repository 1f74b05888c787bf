import * as oauth from 'oauth4webapi';
import { SignalboxError } from '../../errors.ts';
import type { HubEnvironment } from './environment.ts';
import type { HubRequests } from './hub-requests.ts';

/** What a sign-in begins with: `url` is where the browser goes, the others are kept. */
export interface Begun {
  readonly url: string;
  readonly state: string;
  readonly verifier: string;
}

/** OAuth 2 with the Hub: a code for a token, with state and PKCE. JupyterHub checks PKCE from 6.0 on, and ignores it before. */
export class HubOAuth {
  readonly #hub: HubEnvironment;
  readonly #requests: HubRequests;
  readonly #server: oauth.AuthorizationServer;
  readonly #client: oauth.Client;

  constructor(hub: HubEnvironment, requests: HubRequests) {
    this.#hub = hub;
    this.#requests = requests;
    this.#server = { issuer: hub.apiUrl.origin, token_endpoint: new URL('oauth2/token', hub.apiUrl).href };
    this.#client = { client_id: hub.clientId };
  }

  async begin(): Promise<Begun> {
    const [state, verifier] = [oauth.generateRandomState(), oauth.generateRandomCodeVerifier()];
    // Without `scope`: then the Hub gives all those that the service may ask for and the person has.
    const query = new URLSearchParams({
      client_id: this.#hub.clientId,
      redirect_uri: this.#hub.callbackUrl,
      response_type: 'code',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: `${this.#hub.hubUrl}api/oauth2/authorize?${query}`, state, verifier };
  }

  /** The person's token for what the Hub sent them back with. Throws FORBIDDEN where the Hub, or they, said no. */
  async token(answer: URLSearchParams, state: string, verifier: string): Promise<string> {
    try {
      const valid = oauth.validateAuthResponse(this.#server, this.#client, answer, state);
      const response = await oauth.authorizationCodeGrantRequest(
        this.#server,
        this.#client,
        oauth.ClientSecretPost(this.#hub.apiToken),
        valid,
        this.#hub.callbackUrl,
        verifier,
        // Inside a machine or a cluster the Hub's API is often plain HTTP; whether it is, the Hub says.
        { [oauth.customFetch]: this.#requests.fetch, [oauth.allowInsecureRequests]: true },
      );
      const { access_token: token } = await oauth.processAuthorizationCodeResponse(
        this.#server,
        this.#client,
        response,
      );
      return token;
    } catch (error) {
      if (error instanceof SignalboxError) throw error;
      // Not the error itself: it carries what was answered.
      throw new SignalboxError('FORBIDDEN', `the Hub did not sign you in: ${reason(error)}`);
    }
  }
}

function reason(error: unknown): string {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    return error.error_description ?? error.error;
  }
  return error instanceof Error ? error.message : String(error);
}
