// The backend of the other tests, started in a container: node test/docker/backend.ts
import { startBackend } from '../support/backend.ts';

await startBackend({ host: '0.0.0.0', port: 9000, name: 'in a container' });
