import { readFileSync } from 'node:fs';
import { describeError, SignalboxError } from '../../errors.ts';
import type { Io } from '../command.ts';

/** A table as the API gives it and takes it: from key to route. */
export type Table = Readonly<Record<string, { readonly target: string }>>;

/** Reads a table from a file, or for `-` from standard input. */
export async function readTable(file: string, io: Io): Promise<Table> {
  const name = file === '-' ? 'standard input' : file;
  return checkTable(parse(await read(file, name, io), name), name);
}

/** Throws unless it has the shape of a table, and names every entry that has not; `name` is where it comes from. */
export function checkTable(value: unknown, name: string): Table {
  if (!isObject(value)) throw bad(`${name} is not a JSON object from route to target`);
  const wrong = Object.entries(value).filter(([, route]) => !isObject(route) || typeof route.target !== 'string');
  if (wrong.length === 0) return value as Table;
  const lines = wrong.map(([key]) => `- ${JSON.stringify(key)}: must be an object with a target`);
  throw bad(`${name}: ${wrong.length} of ${Object.keys(value).length} entries can not be taken:\n${lines.join('\n')}`);
}

async function read(file: string, name: string, io: Io): Promise<string> {
  try {
    return file === '-' ? await (io.stdin?.() ?? '') : readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof SignalboxError) throw error;
    throw new SignalboxError('BAD_CONFIG', `${name} cannot be read`, { cause: error });
  }
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw bad(text.trim() === '' ? `${name} is empty` : `${name} is no JSON: ${describeError(error)}`);
  }
}

function bad(message: string): SignalboxError {
  return new SignalboxError('BAD_TABLE', message, {
    hint: 'It looks like {"/user/alice": {"target": "http://127.0.0.1:9000"}}, as routes export writes it. Nothing was changed.',
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
