import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from '../../../src/observe/log.ts';

function logTo(options: Partial<LogOptions>, isTTY = false) {
  const lines: string[] = [];
  const output = { isTTY, write: (line: string) => lines.push(line) };
  return { log: createLog({ level: 'info', format: 'auto', ...options }, output), lines };
}

describe('the log', () => {
  it('is JSON with time and level as words where no terminal is', () => {
    const { log, lines } = logTo({});
    log.info({ generation: 7 }, 'served');
    const line = JSON.parse(lines[0] as string);
    expect(line).toEqual({ level: 'info', time: line.time, generation: 7, msg: 'served' });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('is for people on a terminal, with colour there only', () => {
    const { log, lines } = logTo({}, true);
    log.warn({ path: '/user/a', why: 'two words' }, 'slow');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} /);
    expect(lines[0]?.slice(13)).toBe('\u001b[33mWARN \u001b[0m slow path=/user/a why="two words"\n');
    const plain = logTo({ format: 'pretty' });
    plain.log.info('hello');
    expect(plain.lines[0]).toMatch(/^[\d:.]+ INFO {2}hello\n$/);
  });

  it('shows the stack of an error, indented', () => {
    const { log, lines } = logTo({ format: 'pretty' });
    log.error({ err: new Error('boom') }, 'failed');
    expect(lines[0]).toMatch(/ERROR failed\n {4}Error: boom\n {8}at /);
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = logTo({ level: 'warn' });
    log.info('no');
    log.debug('no');
    expect(lines).toEqual([]);
  });

  it.each(['json', 'pretty'] as const)('never shows a token (%s)', (format) => {
    const { log, lines } = logTo({ format });
    log.info(
      { req: { headers: { authorization: 'token s3cret' } }, token: 's3cret', config: { token: 's3cret' } },
      'x',
    );
    log.info({ headers: { authorization: 'token s3cret' }, authorization: 's3cret' }, 'x');
    expect(lines.join('')).not.toContain('s3cret');
    expect(lines.join('')).toContain('[hidden]');
  });

  it('lets no name forge a line or move the cursor', () => {
    const { log, lines } = logTo({ format: 'pretty' });
    log.info({ key: '/user/\n\u001b[2J' }, 'added /user/\n\u001b[2J\u2028');
    expect(lines[0]?.match(/\n/g)).toHaveLength(1);
    expect(lines[0]).not.toContain('\u001b');
  });
});
