import { resolve } from 'node:path';

/** The program that tests start: what vitest-build.ts built, or the source where vitest runs nothing (the benchmarks). */
export const BIN = process.env.SIGNALBOX_TEST_BIN ?? resolve(import.meta.dirname, '../../bin/signalbox.js');
