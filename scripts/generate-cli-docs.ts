import { writeFileSync } from 'node:fs';
import { commands } from '../src/cli/commands.ts';
import { cliDocument } from '../src/cli/document.ts';
import { documentedExitCodes } from '../src/cli/exit-codes.ts';

// Writes docs/cli.md: node scripts/generate-cli-docs.ts
writeFileSync(new URL('../docs/cli.md', import.meta.url), cliDocument(commands, documentedExitCodes()));
